namespace Aegis.Scanning.Rules.Automata;

/// <summary>Patterns that are looked for together. What repeats several times repeats here as often as the text likes, so that few nodes serve all texts. Immutable.</summary>
/// <param name="states">Their states.</param>
/// <param name="anywhere">Where those begin that may begin inside a word.</param>
/// <param name="outside">Where the others begin.</param>
/// <param name="plain">The set of ASCII's letters and digits.</param>
/// <param name="alphabet">The symbols.</param>
internal sealed class SearchPatterns(AutomatonState[] states, int[] anywhere, int[] outside, int plain, SearchAlphabet alphabet)
{
    /// <summary>Places of a table for the symbols of a node.</summary>
    public const int Width = 1 << 8;

    /// <summary>A flag: nothing more begins.</summary>
    public const int IsClosed = 4;

    private const int AfterWord = 1;
    private const int AfterPlain = 2;

    /// <summary>What is known behind a symbol: 1 if it is of a word, 2 if it is a letter or a digit of ASCII.</summary>
    public int FlagsOf(int symbol) => (alphabet.IsOfWord(symbol) ? AfterWord : 0) | (alphabet.Has(plain, symbol) ? AfterPlain : 0);

    /// <summary>Where states lead, and what begins.</summary>
    /// <param name="from">The states.</param>
    /// <param name="flags">What stands before.</param>
    /// <param name="symbol">What is read.</param>
    /// <param name="hasEnded">Whether a match ends before it.</param>
    public int[] Step(int[] from, int flags, int symbol, out bool hasEnded)
    {
        var next = FlagsOf(symbol);
        var isAtEdge = ((flags ^ next) & AfterWord) != 0;
        using var reach = new Reach(states);
        reach.Close(from, isAtEdge);
        hasEnded = reach.Accepts;
        if ((flags & IsClosed) == 0)
        {
            reach.Close(anywhere, isAtEdge);
            reach.Close((flags & next & AfterPlain) != 0 ? [] : outside, isAtEdge);   // inside a word
        }

        return [.. reach.Read(alphabet, symbol, null)];
    }
}
