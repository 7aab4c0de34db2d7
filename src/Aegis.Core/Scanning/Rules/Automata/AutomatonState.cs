namespace Aegis.Scanning.Rules.Automata;

/// <summary>A state of an automaton.</summary>
/// <param name="Reads">The set of characters that it reads, or one of the constants.</param>
/// <param name="Next">Where it goes on.</param>
/// <param name="Other">Where it may go on as well, if it splits.</param>
/// <param name="Family">The same state in all optional copies of a repeat; -1: in none.</param>
/// <param name="Rank">The copy. What the later one finds the earlier one finds too.</param>
internal readonly record struct AutomatonState(int Reads, int Next, int Other, int Family = AutomatonState.NoFamily, int Rank = 0)
{
    public const int NoFamily = -1;

    /// <summary>A match ends.</summary>
    public const int Accept = -1;

    /// <summary>Goes on at two places.</summary>
    public const int Split = -2;

    /// <summary>Goes on at a word's edge.</summary>
    public const int Edge = -3;
}
