namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Whether a text may have a match: what a pattern repeats up to so many times is here repeated as often as the text likes. A text is read once, by
/// sets of states that are made as texts need them and kept (R. Cox, "Regular Expression Matching in the Wild", 2010). Without counting, few of them
/// serve all texts.
/// </summary>
/// <remarks>Behind the last position at which a match may begin, sets are closed: no further one begins in them, so that most soon have no state left.</remarks>
internal sealed class CoarseAutomaton
{
    private readonly AutomatonState[] _states;
    private readonly int _start;
    private readonly Alphabet _alphabet;
    private StateSets _sets;

    public CoarseAutomaton(AutomatonState[] states, int start, Alphabet alphabet)
    {
        (_states, _start, _alphabet) = (states, start, alphabet);
        _sets = new(alphabet.Count, start);
    }

    /// <summary>Before which position no match ends, or -1: none does between the two, of those that begin no later than <paramref name="idle"/>.</summary>
    public int FirstEnd(ReadOnlySpan<char> text, int from, int to, int idle)
    {
        var sets = Volatile.Read(ref _sets);
        var set = sets.First(IsOfWord(text, from - 1));
        for (var i = from; i < to; i++)
        {
            if (i > idle && !set.IsClosed)
            {
                set = set.Closed ??= sets.Of(set.States[..^1], set.IsAfterWord, isClosed: true);
            }

            var symbol = _alphabet.Of(text[i]);
            var next = set.Next[symbol] ?? Step(ref sets, set, symbol);
            if (next.IsEnd)
            {
                return next == StateSet.Accepting ? i : -1;
            }

            set = next;
        }

        return set.Ends(IsOfWord(text, to), this) ? to : -1;
    }

    /// <summary>Whether a match ends at a set, before a word or not.</summary>
    public bool Accepts(StateSet set, bool isBeforeWord)
    {
        using var scratch = new Reach(_states);
        scratch.Close(set.States, set.IsAfterWord != isBeforeWord);
        return scratch.Accepts;
    }

    private bool IsOfWord(ReadOnlySpan<char> text, int position) => position >= 0 && position < text.Length && _alphabet.IsOfWord(_alphabet.Of(text[position]));

    private StateSet Step(ref StateSets sets, StateSet set, int symbol)
    {
        if (sets.IsFull)
        {
            // A hostile text makes many; they are made anew. The set at hand lives on until it is left.
            var anew = new StateSets(_alphabet.Count, _start);
            (Interlocked.CompareExchange(ref _sets, anew, sets) == sets ? sets : anew).Leave();
            sets = Volatile.Read(ref _sets);
        }

        var known = sets;
        var isOfWord = _alphabet.IsOfWord(symbol);
        using var scratch = new Reach(_states);
        scratch.Close(set.States, set.IsAfterWord != isOfWord);
        var next = scratch.Accepts ? StateSet.Accepting : Of(scratch.Read(_alphabet, symbol, set.IsClosed ? null : _start));
        Volatile.Write(ref set.Next[symbol], next);
        return next;

        StateSet Of(ReadOnlySpan<int> states) => states.IsEmpty ? StateSet.Dead : known.Of(states, isOfWord, set.IsClosed);
    }
}
