using Aegis.Scanning.Rules;

namespace Aegis.Scanning.Decoding;

/// <summary>Keywords of rules as they look in a text that is turned around: what a text is turned back for. Two of them, or a long one, are no chance.</summary>
internal sealed class TurnedKeywords
{
    private const int MinLength = 5;
    private const int Long = 7;

    private readonly string[] _turned;
    private readonly KeywordAutomaton _automaton;

    public TurnedKeywords(IEnumerable<string> keywords, Func<string, string> turn)
    {
        _turned = [.. keywords.Where(static keyword => keyword.Length >= MinLength).Select(turn).Distinct(StringComparer.Ordinal)];
        _automaton = new(_turned);
    }

    public bool StandIn(ReadOnlySpan<char> text)
    {
        var found = new bool[_turned.Length];
        _automaton.Mark(text, found);
        var count = 0;
        for (var i = 0; i < found.Length && count < 2; i++)
        {
            count += !found[i] ? 0 : _turned[i].Length >= Long ? 2 : 1;
        }

        return count >= 2;
    }
}
