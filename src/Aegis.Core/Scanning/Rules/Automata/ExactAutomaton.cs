namespace Aegis.Scanning.Rules.Automata;

/// <summary>The states of a pattern, its repeats written out, so that they have no circle. Immutable.</summary>
/// <param name="states">The states.</param>
/// <param name="start">The first of them.</param>
/// <param name="families">How many families of states there are.</param>
/// <param name="alphabet">The symbols that they read.</param>
internal sealed class ExactAutomaton(AutomatonState[] states, int start, int families, Alphabet alphabet)
{
    private readonly bool[] _begins = FirstSymbols(states, start, alphabet);

    public AutomatonState[] States => states;

    public int Start => start;

    public int Families => families;

    public Alphabet Alphabet => alphabet;

    /// <summary>Whether a match can begin with a symbol.</summary>
    public bool Begins(int symbol) => _begins[symbol];

    private static bool[] FirstSymbols(AutomatonState[] states, int start, Alphabet alphabet)
    {
        using var reach = new Reach(states);
        int[] first = [start];
        reach.Close(first, isAtEdge: true);
        var begins = new bool[alphabet.Count];
        for (var symbol = 0; symbol < begins.Length; symbol++)
        {
            begins[symbol] = reach.Reads(alphabet, symbol);
        }

        return begins;
    }
}
