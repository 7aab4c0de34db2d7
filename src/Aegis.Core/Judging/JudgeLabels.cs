using System.Text;
using Aegis.Scanning.Sensitive;

namespace Aegis.Judging;

/// <summary>Puts numbered labels in place of personal data and secrets, for one question: the same value has the same label in all of its texts. Not thread-safe.</summary>
internal sealed class JudgeLabels
{
    private static readonly Lazy<SensitiveScanner> Scanner = new(static () => SensitiveRules.For(personal: true, secrets: true)!);

    private readonly Dictionary<string, string> _labels = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>A part of a text with labels. A value at an edge of the part stays out of it whole.</summary>
    public string Of(string text, int start, int end)
    {
        var hits = new List<SensitiveHit>();
        Scanner.Value.Read(text, 0, text.Length, isLast: true, hits);
        hits.Sort(static (one, other) => one.Range.Start.CompareTo(other.Range.Start));
        var labelled = new StringBuilder(end - start);
        var position = start;
        foreach (var (rule, range) in hits)
        {
            if (range.End <= position || range.Start >= end)
            {
                continue;
            }

            labelled.Append(text, position, Math.Max(0, range.Start - position));
            if (range.Start >= position)
            {
                labelled.Append(LabelOf(rule.Type, text[range.Start..range.End]));
            }

            position = Math.Min(Math.Max(position, range.End), end);
        }

        return Whole(labelled.Append(text, position, end - position));
    }

    private string LabelOf(string type, string value)
    {
        if (!_labels.TryGetValue(value, out var label))
        {
            var number = _counts[type] = _counts.GetValueOrDefault(type) + 1;
            _labels[value] = label = FormattableString.Invariant($"[{type}-{number}]");
        }

        return label;
    }

    /// <summary>Half of a surrogate pair cannot be sent, and says nothing.</summary>
    private static string Whole(StringBuilder text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                text[i] = '\uFFFD';
            }
        }

        return text.ToString();
    }
}
