using System.Buffers;

namespace Aegis.Scanning.Rules;

/// <summary>Which rules a text may match, by their keywords.</summary>
internal sealed class KeywordIndex
{
    private readonly int[][] _keywordsOf;
    private readonly KeywordAutomaton _automaton;
    private readonly bool _isAlwaysTried;

    /// <param name="keywords">Those of each rule.</param>
    /// <param name="isAlwaysTried">Whether a rule without keywords is tried on every text.</param>
    public KeywordIndex(IEnumerable<IEnumerable<string>> keywords, bool isAlwaysTried)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        _keywordsOf = [.. keywords.Select(of => of.Where(static keyword => keyword.Length > 0).Select(NumberOf).ToArray())];
        _automaton = new([.. numbers.Keys]);
        _isAlwaysTried = isAlwaysTried;

        int NumberOf(string keyword) => numbers.TryGetValue(keyword, out var number) ? number : numbers[keyword] = numbers.Count;
    }

    /// <summary>What stands in a text; to be disposed of.</summary>
    public Found In(ReadOnlySpan<char> text)
    {
        var found = ArrayPool<bool>.Shared.Rent(_automaton.Count);
        Array.Clear(found, 0, _automaton.Count);
        _automaton.Mark(text, found.AsSpan(0, _automaton.Count));
        return new(this, found);
    }

    /// <summary>The keywords of one text.</summary>
    internal readonly struct Found(KeywordIndex index, bool[] found) : IDisposable
    {
        /// <summary>Whether a rule may match.</summary>
        public bool Has(int rule)
        {
            foreach (var keyword in index._keywordsOf[rule])
            {
                if (found[keyword])
                {
                    return true;
                }
            }

            return index._isAlwaysTried && index._keywordsOf[rule].Length == 0;
        }

        public void Dispose() => ArrayPool<bool>.Shared.Return(found);
    }
}
