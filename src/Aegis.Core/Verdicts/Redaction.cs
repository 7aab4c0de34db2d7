using System.Text;

namespace Aegis;

/// <summary>A text without the ranges that were found.</summary>
internal static class Redaction
{
    public const string Placeholder = "[REDACTED]";

    /// <param name="subject">The text.</param>
    /// <param name="verdict">What was found in it.</param>
    /// <param name="placeholderFor">What stands in place of a value of a type that can come back; null when there is no room for it. Left out: nothing comes back.</param>
    public static TextSubject Apply(TextSubject subject, Verdict verdict, Func<string, string, string?>? placeholderFor = null)
    {
        var ranges = new List<(TextRange Range, string Replacement, bool IsWhole)>();
        foreach (var finding in verdict.Findings)
        {
            if (finding.Decision == Decision.Redact)
            {
                // About the whole, or nobody can say about what: nothing of it goes on.
                var isInside = finding.Range is { Start: >= 0 } range && range.Start <= range.End && range.End <= subject.Text.Length;
                var (start, end) = isInside ? finding.Range!.Value : new(0, subject.Text.Length);
                ranges.Add((new(start, end), (finding.Type is { } type ? placeholderFor?.Invoke(type, subject.Text[start..end]) : null) ?? finding.Replacement, finding.IsReversible));
            }
        }

        var text = Apply(subject.Text, ranges);
        return subject is ToolResult result ? result with { Text = text, Data = null } : subject with { Text = text };
    }

    /// <summary>Ranges that overlap or touch become one, and have the first one's replacement; what stands for exactly its range only where they overlap.</summary>
    private static string Apply(string text, List<(TextRange Range, string Replacement, bool IsWhole)> ranges)
    {
        ranges = [.. ranges.OrderBy(static range => range.Range.Start)];
        var redacted = new StringBuilder(text.Length);
        var position = 0;
        for (var i = 0; i < ranges.Count;)
        {
            var ((start, end), replacement, isWhole) = ranges[i++];
            while (i < ranges.Count && (ranges[i].Range.Start < end || (ranges[i].Range.Start == end && !isWhole && !ranges[i].IsWhole)))
            {
                end = Math.Max(end, ranges[i++].Range.End);
            }

            redacted.Append(text, position, Math.Max(0, start - position)).Append(replacement);
            position = Math.Max(position, end);
        }

        return redacted.Append(text, position, text.Length - position).ToString();
    }
}
