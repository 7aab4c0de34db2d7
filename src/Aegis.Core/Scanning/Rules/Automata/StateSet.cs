namespace Aegis.Scanning.Rules.Automata;

/// <summary>The states of an automaton that a text has reached, in order.</summary>
/// <param name="states">The states.</param>
/// <param name="isAfterWord">Whether the last character was of a word.</param>
/// <param name="symbols">How many symbols there are.</param>
internal sealed class StateSet(int[] states, bool isAfterWord, int symbols)
{
    /// <summary>A match has ended.</summary>
    public static readonly StateSet Accepting = new([], false, 0);

    private int _ends;   // 2 bits each: before a word, before none; 0: not known, 1: no, 2: yes

    public int[] States { get; } = states;

    public bool IsAfterWord { get; } = isAfterWord;

    /// <summary>Where each symbol leads; null: not known yet.</summary>
    public StateSet?[] Next { get; } = new StateSet?[symbols];

    public bool Ends(bool isBeforeWord, Automaton automaton)
    {
        var shift = isBeforeWord ? 2 : 0;
        var known = (Volatile.Read(ref _ends) >> shift) & 3;
        if (known == 0)
        {
            known = automaton.Accepts(this, isBeforeWord) ? 2 : 1;
            Interlocked.Or(ref _ends, known << shift);
        }

        return known == 2;
    }
}
