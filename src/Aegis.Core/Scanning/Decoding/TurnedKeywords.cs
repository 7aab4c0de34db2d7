using Aegis.Scanning.Rules;

namespace Aegis.Scanning.Decoding;

/// <summary>Keywords of rules as they look in a text that is turned around: what a text is turned back for. Two of them close together, or a long one, are no chance.</summary>
internal sealed class TurnedKeywords
{
    private const int MinLength = 5;
    private const int Long = 7;
    private const int Near = 128;

    private readonly string[] _turned;
    private readonly KeywordAutomaton _automaton;

    public TurnedKeywords(IEnumerable<string> keywords, Func<string, string> turn)
    {
        _turned = [.. keywords.Where(static keyword => keyword.Length >= MinLength).Select(turn).Distinct(StringComparer.Ordinal)];
        _automaton = new(_turned);
    }

    public bool StandIn(ReadOnlySpan<char> text)
    {
        var count = new Count(_turned);
        _automaton.Find(text, ref count);
        return count.IsEnough;
    }

    private struct Count(string[] keywords) : IKeywordSink
    {
        private int _last = -1;
        private int _end;

        public bool IsEnough { get; private set; }

        public void Found(int keyword, int end)
        {
            IsEnough |= keywords[keyword].Length >= Long || (_last >= 0 && _last != keyword && end - _end <= Near);
            (_last, _end) = (keyword, end);
        }
    }
}
