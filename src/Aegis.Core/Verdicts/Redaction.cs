using System.Text;

namespace Aegis;

/// <summary>A text without the ranges that were found.</summary>
internal static class Redaction
{
    public const string Placeholder = "[REDACTED]";

    public static TextSubject Apply(TextSubject subject, Verdict verdict)
    {
        var ranges = new List<(TextRange Range, string Replacement)>();
        foreach (var finding in verdict.Findings)
        {
            if (finding.Decision == Decision.Redact)
            {
                // About the whole, or nobody can say about what: nothing of it goes on.
                ranges.Add((finding.Range is { Start: >= 0 } range && range.Start <= range.End && range.End <= subject.Text.Length ? range : new(0, subject.Text.Length), finding.Replacement));
            }
        }

        var text = Apply(subject.Text, ranges);
        return subject is ToolResult result ? result with { Text = text, Data = null } : subject with { Text = text };
    }

    /// <summary>Ranges that overlap or touch become one, and have the first one's replacement.</summary>
    private static string Apply(string text, List<(TextRange Range, string Replacement)> ranges)
    {
        ranges = [.. ranges.OrderBy(static range => range.Range.Start)];
        var redacted = new StringBuilder(text.Length);
        var position = 0;
        for (var i = 0; i < ranges.Count;)
        {
            var ((start, end), replacement) = ranges[i++];
            while (i < ranges.Count && ranges[i].Range.Start <= end)
            {
                end = Math.Max(end, ranges[i++].Range.End);
            }

            redacted.Append(text, position, Math.Max(0, start - position)).Append(replacement);
            position = Math.Max(position, end);
        }

        return redacted.Append(text, position, text.Length - position).ToString();
    }
}
