namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Whether a text may have a match: what a pattern repeats up to so many times is here repeated as often as the text likes. A text is read once, by
/// sets of states that are made as texts need them and kept (R. Cox, "Regular Expression Matching in the Wild", 2010). Without counting, few of them
/// serve all texts.
/// </summary>
/// <remarks>Behind the last position at which a match may begin, sets are closed: no further one begins in them, so that most soon have no state left.</remarks>
/// <param name="states">The states; the last is the first of a pattern, and no other leads to it.</param>
/// <param name="alphabet">The symbols that they read.</param>
internal sealed class CoarseAutomaton(AutomatonState[] states, Alphabet alphabet)
{
    private StateSets _sets = new(states, alphabet);

    /// <summary>Before which position no match ends, or -1: none does between the two, of those that begin no later than <paramref name="idle"/>.</summary>
    public int FirstEnd(ReadOnlySpan<char> text, int from, int to, int idle)
    {
        var sets = Volatile.Read(ref _sets);
        var (table, width) = (sets.Table, alphabet.Count);
        var (set, open) = (StateSets.First(IsOfWord(text, from - 1)), Math.Min(to, Math.Max(from, idle + 1)));
        for (var i = from; i < to; i++)
        {
            if (i == open)
            {
                set = sets.Closed(set);
                table = sets.Table;
            }

            var symbol = alphabet.Of(text[i]);
            var next = (int)table[(set * width) + symbol];
            if (next < StateSets.FirstSet)
            {
                if (next == StateSets.Unknown)
                {
                    (sets, next) = Step(sets, set, symbol);
                    table = sets.Table;
                }

                if (next is StateSets.Dead or StateSets.Accepting)
                {
                    return next == StateSets.Accepting ? i : -1;
                }
            }

            set = next;
        }

        return sets.Ends(set, IsOfWord(text, to)) ? to : -1;
    }

    private bool IsOfWord(ReadOnlySpan<char> text, int position) => position >= 0 && position < text.Length && alphabet.IsOfWord(alphabet.Of(text[position]));

    /// <summary>Where a symbol leads that no text had there. A hostile text makes many sets: then they are made anew.</summary>
    private (StateSets Sets, int Next) Step(StateSets sets, int set, int symbol)
    {
        if (sets.IsFull)
        {
            var anew = new StateSets(states, alphabet);
            (Interlocked.CompareExchange(ref _sets, anew, sets) == sets ? sets : anew).Leave();
            anew = Volatile.Read(ref _sets);
            set = anew.Adopt(sets, set);
            sets = anew;
        }

        return (sets, sets.Step(set, symbol));
    }
}
