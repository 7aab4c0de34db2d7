using System.Buffers;
using System.Text;
using Aegis.Scanning.Sensitive;

namespace Aegis.Judging;

/// <summary>
/// Puts numbered labels in place of personal data and secrets, for one question: the same value has the same label in all of its texts. What somebody wrote to look
/// like a label gets one itself, so that nobody can write that two values are one. Not thread-safe.
/// </summary>
internal sealed class JudgeLabels
{
    /// <summary>The type of what was written to look like a label.</summary>
    private const string Written = "LABEL";

    private const int MostWritten = 64;   // characters of it

    private static readonly SearchValues<char> Brackets = SearchValues.Create("[]［］");
    private static readonly Lazy<SensitiveScanner> Scanner = new(static () => SensitiveRules.For(personal: true, secrets: true)!);
    private static readonly Lazy<HashSet<string>> Types = new(static () => [.. SensitiveRules.BuiltIn.Select(static rule => Compact(rule.Type).TrimEnd([.. "0123456789"])), Written]);

    private readonly Dictionary<string, string> _labels = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>A part of a text with labels. A value at an edge of the part stays out of it whole.</summary>
    public string Of(string text, int start, int end)
    {
        var found = new List<SensitiveHit>();
        Scanner.Value.Read(text, 0, text.Length, isLast: true, found);
        List<(string Type, TextRange Range)> hits = [.. found.Select(static hit => (hit.Rule.Type, hit.Range)), .. WrittenIn(text)];
        hits.Sort(static (one, other) => one.Range.Start.CompareTo(other.Range.Start));
        var labelled = new StringBuilder(end - start);
        var position = start;
        foreach (var (type, range) in hits)
        {
            if (range.End <= position || range.Start >= end)
            {
                continue;
            }

            labelled.Append(text, position, Math.Max(0, range.Start - position));
            if (range.Start >= position)
            {
                labelled.Append(LabelOf(type, text[range.Start..range.End]));
            }

            position = Math.Min(Math.Max(position, range.End), end);
        }

        return Whole(labelled.Append(text, position, end - position));
    }

    /// <summary>What looks like a label: a type and a number in brackets, in whatever case and with whatever between them.</summary>
    private static IEnumerable<(string Type, TextRange Range)> WrittenIn(string text)
    {
        for (var start = NextOf(text, 0); start >= 0; start = NextOf(text, start + 1))
        {
            var end = text.AsSpan(start + 1, Math.Min(MostWritten, text.Length - start - 1)).IndexOfAny(Brackets);
            if (end > 0 && text[start + 1 + end] is ']' or '］')
            {
                var said = Compact(text.AsSpan(start + 1, end));
                var type = said.AsSpan().TrimEnd("0123456789");
                if (type.Length < said.Length && Types.Value.Contains(type.ToString()))
                {
                    yield return (Written, new(start, start + end + 2));
                }
            }
        }
    }

    /// <summary>Letters in upper case and digits alone, those of full width too.</summary>
    private static string Compact(ReadOnlySpan<char> text)
    {
        var compact = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var plain = c is > '\uFF00' and < '\uFF5F' ? (char)(c - 0xFEE0) : c;
            if (char.IsAsciiLetterOrDigit(plain))
            {
                compact.Append(char.ToUpperInvariant(plain));
            }
        }

        return compact.ToString();
    }

    private static int NextOf(string text, int from) => from >= text.Length || text.AsSpan(from).IndexOfAny('[', '［') is var at && at < 0 ? -1 : from + at;

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
