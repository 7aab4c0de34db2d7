namespace Aegis.Scanning.Rules.Automata;

/// <summary>The states of a coarse automaton that a text has reached, in order.</summary>
/// <param name="key">The states, and as the last what else tells sets apart: <see cref="AfterWord"/>, <see cref="NoFurther"/>.</param>
/// <param name="symbols">How many symbols there are.</param>
internal sealed class StateSet(int[] key, int symbols)
{
    /// <summary>The last character was of a word.</summary>
    public const int AfterWord = 1;

    /// <summary>No further match begins.</summary>
    public const int NoFurther = 2;

    /// <summary>A match has ended.</summary>
    public static readonly StateSet Accepting = new([0], 0);

    /// <summary>No match can end any more.</summary>
    public static readonly StateSet Dead = new([0], 0);

    private int _ends;   // 2 bits each: before a word, before none; 0: not known, 1: no, 2: yes

    public ReadOnlySpan<int> States => key.AsSpan(0, key.Length - 1);

    public bool IsAfterWord { get; } = (key[^1] & AfterWord) != 0;

    public bool IsClosed { get; } = (key[^1] & NoFurther) != 0;

    /// <summary>The same states, with no further match beginning; null: not known yet.</summary>
    public StateSet? Closed { get; set; }

    /// <summary>Whether nothing is read any more.</summary>
    public bool IsEnd => Next.Length == 0;

    /// <summary>Where each symbol leads; null: not known yet.</summary>
    public StateSet?[] Next { get; } = new StateSet?[symbols];

    public bool Ends(bool isBeforeWord, CoarseAutomaton automaton)
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
