namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Finds a pattern: the leftmost match, as long as it can be. A text is read by a <see cref="CoarseAutomaton"/>; only where that one sees a match it
/// is read as the pattern says. Linear; immutable but for what the coarse one keeps; may be used by many threads.
/// </summary>
/// <param name="states">The states.</param>
/// <param name="start">The first of them.</param>
/// <param name="coarse">What matches at least as much.</param>
/// <param name="alphabet">The symbols that the states read.</param>
/// <param name="span">The longest match.</param>
internal sealed class Automaton(AutomatonState[] states, int start, CoarseAutomaton coarse, Alphabet alphabet, int span)
{
    private const int Part = 2_048;   // so that a match seen coarsely does not make the whole text be read again

    /// <summary>The leftmost match between two positions of a text, which looks beyond them for the edges of words only; of several the longest. Null: none.</summary>
    public (int Start, int Length)? Find(ReadOnlySpan<char> text, int from, int to)
    {
        for (; ; from += Part)
        {
            var next = from + Part;
            var last = Math.Min(to, next + span);
            if (coarse.FirstEnd(text, from, last) is >= 0 and var end)
            {
                using var walk = new MatchWalk(states, start, alphabet, text);
                if (walk.Find(Math.Max(from, end - span), last) is var (first, length) && (first < next || last == to))
                {
                    return (first, length);
                }
            }

            if (last == to)
            {
                return null;
            }
        }
    }
}
