using System.Text.Json;

namespace Aegis.Cli.Rules;

/// <summary>A text that somebody has judged.</summary>
internal sealed record LabelledText(string Id, string Text, bool IsAttack)
{
    /// <exception cref="FormatException">A line is no such row.</exception>
    public static IReadOnlyList<LabelledText> Read(string path) =>
        [.. File.ReadLines(path).Index().Where(static line => line.Item.AsSpan().Trim().Length > 0).Select(static line => Parse(line.Item, line.Index + 1))];

    private static LabelledText Parse(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new(root.GetProperty("id").GetString()!, root.GetProperty("text").GetString()!, root.GetProperty("label").GetInt32() == 1);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(FormattableString.Invariant($"line {number} is no {{\"id\",\"text\",\"label\"}}: {e.Message}"));
        }
    }
}
