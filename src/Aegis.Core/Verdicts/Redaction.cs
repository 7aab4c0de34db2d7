using System.Text;

namespace Aegis;

/// <summary>A text without the ranges that were found.</summary>
internal static class Redaction
{
    public const string Placeholder = "[REDACTED]";

    public static TextSubject Apply(TextSubject subject, Verdict verdict)
    {
        var ranges = new List<TextRange>();
        foreach (var finding in verdict.Findings)
        {
            if (finding.Decision == Decision.Redact)
            {
                // About the whole, or nobody can say about what: nothing of it goes on.
                ranges.Add(finding.Range is { Start: >= 0 } range && range.Start <= range.End && range.End <= subject.Text.Length ? range : new(0, subject.Text.Length));
            }
        }

        var text = Apply(subject.Text, ranges);
        return subject is ToolResult result ? result with { Text = text, Data = null } : subject with { Text = text };
    }

    public static string Apply(string text, List<TextRange> ranges)
    {
        ranges.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var redacted = new StringBuilder(text.Length);
        var position = 0;
        for (var i = 0; i < ranges.Count;)
        {
            var (start, end) = ranges[i++];
            while (i < ranges.Count && ranges[i].Start <= end)
            {
                end = Math.Max(end, ranges[i++].End);
            }

            redacted.Append(text, position, Math.Max(0, start - position)).Append(Placeholder);
            position = Math.Max(position, end);
        }

        return redacted.Append(text, position, text.Length - position).ToString();
    }
}
