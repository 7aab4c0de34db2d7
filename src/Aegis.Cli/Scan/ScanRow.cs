using System.Text.Json;

namespace Aegis.Cli.Scan;

/// <summary>A text to be scanned.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Text">The text.</param>
/// <param name="UserTask">What the user had asked before; null: nothing.</param>
internal sealed record ScanRow(string Id, string Text, string? UserTask)
{
    /// <exception cref="FormatException">The line is no such row.</exception>
    public static ScanRow Parse(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var id = root.GetProperty("id");
            return new(id.ValueKind == JsonValueKind.String ? id.GetString()! : id.GetRawText(), JsonText.Of(root.GetProperty("text")) ?? throw new FormatException("the text is null"), root.TryGetProperty("user_task", out var task) ? JsonText.Of(task) : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException(FormattableString.Invariant($"line {number} is no {{\"id\",\"text\"}}: {e.Message}"));
        }
    }
}
