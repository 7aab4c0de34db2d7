using Aegis.Scanning.Rules;

namespace Aegis.Scanning.Decoding;

/// <summary>Keywords of rules as they look in a text that is turned around: what a text is turned back for. Two of them close together, or a long one, are no chance.</summary>
internal sealed class TurnedKeywords
{
    private const int MinLength = 5;
    private const int Long = 7;
    private const int Near = 128;
    private const int Around = 512;   // characters to either side that are turned

    private readonly string[] _turned;
    private readonly KeywordAutomaton _automaton;

    public TurnedKeywords(IEnumerable<string> keywords, Func<string, string> turn)
    {
        _turned = [.. keywords.Where(static keyword => keyword.Length >= MinLength).Select(turn).Distinct(StringComparer.Ordinal)];
        _automaton = new(_turned);
    }

    /// <summary>The parts of a text around them, from left to right; null: there are none.</summary>
    public List<TextRange>? PartsOf(ReadOnlySpan<char> text)
    {
        var search = new Search(_turned, text.Length);
        _automaton.Find(text, ref search);
        return search.Parts;
    }

    private struct Search(string[] keywords, int length) : IKeywordSink
    {
        private int _last = -1;
        private int _end;

        public List<TextRange>? Parts { get; private set; }

        public void Found(int keyword, int end)
        {
            if (keywords[keyword].Length >= Long || (_last >= 0 && _last != keyword && end - _end <= Near))
            {
                Add(new(Math.Max(0, end - Around), Math.Min(length, end + Around)));
            }

            (_last, _end) = (keyword, end);
        }

        private void Add(TextRange part)
        {
            if (Parts is [.., var before] && before.End >= part.Start)
            {
                Parts[^1] = new(before.Start, part.End);
            }
            else
            {
                (Parts ??= []).Add(part);
            }
        }
    }
}
