using Aegis.Scanning.Rules;

namespace Aegis.Scanning.Decoding;

/// <summary>
/// Keywords of rules as they look in a text that is turned around, by ROT13 or backwards: what a text is turned back for. Two different ones close
/// together, or a long one, are no coincidence. Both are looked for in one pass.
/// </summary>
internal sealed class TurnedKeywords
{
    private const int MinLength = 5;
    private const int Long = 7;
    private const int Near = 128;
    private const int Around = 512;   // characters to either side that are turned

    private readonly (int Length, bool IsRotated, bool IsReversed)[] _keywords;
    private readonly KeywordAutomaton _automaton;

    /// <param name="keywords">Keywords in canonical form.</param>
    public TurnedKeywords(IEnumerable<string> keywords)
    {
        string[] all = [.. keywords.Where(static keyword => keyword.Length >= MinLength).Distinct(StringComparer.Ordinal)];
        var rotated = all.Where(static keyword => keyword.All(char.IsAsciiLetter)).Select(Rotation.Turn).ToHashSet(StringComparer.Ordinal);
        var reversed = all.Select(static keyword => string.Concat(keyword.Reverse())).ToHashSet(StringComparer.Ordinal);
        string[] turned = [.. rotated.Union(reversed, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _keywords = [.. turned.Select(keyword => (keyword.Length, rotated.Contains(keyword), reversed.Contains(keyword)))];
        _automaton = new(turned);
    }

    /// <summary>The parts of a text around them, from left to right; null: there are none.</summary>
    public (List<TextRange>? Rotated, List<TextRange>? Reversed) PartsOf(ReadOnlySpan<char> text)
    {
        var search = new Search(_keywords, text.Length);
        _automaton.Find(text, ref search);
        return (search.Rotated.All, search.Reversed.All);
    }

    private struct Search((int Length, bool IsRotated, bool IsReversed)[] keywords, int length) : IKeywordSink
    {
        public Parts Rotated = new(length);
        public Parts Reversed = new(length);

        public void Found(int keyword, int end)
        {
            var (characters, isRotated, isReversed) = keywords[keyword];
            if (isRotated)
            {
                Rotated.Add(keyword, characters, end);
            }

            if (isReversed)
            {
                Reversed.Add(keyword, characters, end);
            }
        }
    }

    private struct Parts(int length)
    {
        private int _last = -1;
        private int _end;

        public List<TextRange>? All { get; private set; }

        public void Add(int keyword, int characters, int end)
        {
            if (characters >= Long || (_last >= 0 && _last != keyword && end - _end <= Near))
            {
                Add(new(Math.Max(0, end - Around), Math.Min(length, end + Around)));
            }

            (_last, _end) = (keyword, end);
        }

        private void Add(TextRange part)
        {
            if (All is [.., var before] && before.End >= part.Start)
            {
                All[^1] = new(before.Start, part.End);
            }
            else
            {
                (All ??= []).Add(part);
            }
        }
    }
}
