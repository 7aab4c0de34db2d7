using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>Values that stand behind a label on a line of their own (<c>IBAN: …</c>) in a document which the user named, where there is only one of the kind: what a person would take out of it without asking.</summary>
internal static class Labelled
{
    private const int MaxLabel = 32;
    private const int MaxValue = 64;
    private const int MaxLabels = 16;

    public static List<(string Label, string Value)> Find(string text)
    {
        var found = new List<(string Label, string Value)>();
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':');
            if (colon is > 0 and <= MaxLabel && line.AsSpan(colon + 1).Trim() is { Length: > 2 and <= MaxValue } value && !value.Contains(' ')
                && ToolEffectInference.Default.RoleOf(line[..colon].Trim(), null) is >= ArgumentRole.Recipient)
            {
                found.Add((line[..colon].Trim(), value.ToString()));
                if (found.Count > MaxLabels)
                {
                    return [];   // a table, in which nobody knows which row is meant
                }
            }
        }

        // Of two that could be meant nobody knows which one is; nor where the text speaks of another one outside its label.
        return [.. found.Where(one => found.TrueForAll(other => other.Value == one.Value || ShapeOf(other.Value) != ShapeOf(one.Value))
            && TextSpans.Values(text).All(value => string.Equals(value, FlowText.Plain(one.Value), StringComparison.Ordinal) || ShapeOf(value) != ShapeOf(one.Value)))];
    }

    private static int ShapeOf(string value) =>
        value.Contains('@') ? 1
        : value.Contains("://", StringComparison.Ordinal) || value.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? 2
        : value.Length >= 10 && value.Count(char.IsAsciiDigit) >= 8 ? 3
        : value.Any(char.IsAsciiDigit) ? 4
        : 0;
}
