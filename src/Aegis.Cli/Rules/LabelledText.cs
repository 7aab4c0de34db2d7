using System.Text.Json;

namespace Aegis.Cli.Rules;

/// <summary>A text that somebody has judged.</summary>
internal sealed record LabelledText(string Id, string Text, bool IsAttack)
{
    /// <exception cref="FormatException">The line is no such row.</exception>
    public static LabelledText Parse(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new(root.GetProperty("id").ToString(), JsonText.Of(root.GetProperty("text")) ?? throw new FormatException("the text is null"), root.GetProperty("label").GetInt32() switch
            {
                0 => false,
                1 => true,
                _ => throw new FormatException("the label is neither 0 nor 1"),
            });
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException(FormattableString.Invariant($"line {number} is no {{\"id\",\"text\",\"label\"}}: {e.Message}"));
        }
    }
}
