namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Finds a pattern: the leftmost match, as long as it can be. A text is read once, by sets of states that are made as texts need them and kept
/// (R. Cox, "Regular Expression Matching in the Wild", 2010); only where a match ends is it looked for its ends. Linear; may be used by many threads.
/// </summary>
internal sealed class Automaton
{
    public const int Accept = -1;
    public const int Split = -2;
    public const int Edge = -3;

    private readonly State[] _states;
    private readonly int _start;
    private readonly Alphabet _alphabet;
    private StateSets _sets;

    public Automaton(State[] states, int start, Alphabet alphabet)
    {
        (_states, _start, _alphabet) = (states, start, alphabet);
        _sets = new(alphabet.Count, start);
    }

    /// <summary>The leftmost match between two positions of a text, which looks beyond them for the edges of words only; of several the longest. Null: none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">The first position.</param>
    /// <param name="to">The position behind the last.</param>
    /// <param name="span">The longest match.</param>
    public (int Start, int Length)? Find(ReadOnlySpan<char> text, int from, int to, int span)
    {
        var end = FirstEnd(text, from, to);
        if (end < 0)
        {
            return null;
        }

        using var walk = new MatchWalk(_states, _start, _alphabet, text);
        return walk.Find(Math.Max(from, end - span), to);
    }

    /// <summary>Where the first match ends, or -1.</summary>
    private int FirstEnd(ReadOnlySpan<char> text, int from, int to)
    {
        var sets = Volatile.Read(ref _sets);
        var set = sets.First(IsOfWord(text, from - 1));
        for (var i = from; i < to; i++)
        {
            var symbol = _alphabet.Of(text[i]);
            var next = set.Next[symbol] ?? Step(ref sets, set, symbol);
            if (next == StateSet.Accepting)
            {
                return i;
            }

            set = next;
        }

        return set.Ends(IsOfWord(text, to), this) ? to : -1;
    }

    private bool IsOfWord(ReadOnlySpan<char> text, int position) => position >= 0 && position < text.Length && _alphabet.IsOfWord(_alphabet.Of(text[position]));

    private StateSet Step(ref StateSets sets, StateSet set, int symbol)
    {
        if (sets.IsFull)
        {
            // A hostile text makes many; they are made anew. The set at hand lives on until it is left.
            Interlocked.CompareExchange(ref _sets, new(_alphabet.Count, _start), sets);
            sets = Volatile.Read(ref _sets);
        }

        var isOfWord = _alphabet.IsOfWord(symbol);
        using var scratch = new Reach(_states);
        scratch.Close(set.States, set.IsAfterWord != isOfWord);
        var next = scratch.Accepts ? StateSet.Accepting : sets.Of(scratch.Read(_alphabet, symbol, _start), isOfWord);
        Volatile.Write(ref set.Next[symbol], next);
        return next;
    }

    /// <summary>Whether a match ends at a set, before a word or not.</summary>
    public bool Accepts(StateSet set, bool isBeforeWord)
    {
        using var scratch = new Reach(_states);
        scratch.Close(set.States, set.IsAfterWord != isBeforeWord);
        return scratch.Accepts;
    }

    /// <summary>A state.</summary>
    /// <param name="Reads">The set of characters that it reads, or one of the constants.</param>
    /// <param name="Next">Where it goes on.</param>
    /// <param name="Other">Where it may go on as well, if it splits.</param>
    /// <param name="Family">The same state in all optional copies of a repeat; -1: in none.</param>
    /// <param name="Rank">The copy. What the later one finds the earlier one finds too.</param>
    internal readonly record struct State(int Reads, int Next, int Other, int Family, int Rank);
}
