namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Finds a pattern: the leftmost match, as long as it can be. A text is read by a <see cref="CoarseAutomaton"/>; only where that one sees a match it
/// is read as the pattern says. Linear; immutable but for what the coarse one keeps; may be used by many threads.
/// </summary>
/// <param name="exact">What the pattern says.</param>
/// <param name="coarse">What matches at least as much.</param>
/// <param name="span">The longest match.</param>
internal sealed class Automaton(ExactAutomaton exact, CoarseAutomaton coarse, int span)
{
    private const int Part = 2_048;   // so that a match seen coarsely does not make the whole text be read again

    /// <summary>The leftmost match between two positions of a text, which looks beyond them for the edges of words only; of several the longest. Null: none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">The first position.</param>
    /// <param name="to">The position behind the last.</param>
    /// <param name="idle">A match that begins behind it need not be found.</param>
    public (int Start, int Length)? Find(ReadOnlySpan<char> text, int from, int to, int idle)
    {
        for (; ; from += Part)
        {
            var next = from + Part;
            var last = Math.Min(to, next + span);
            if (coarse.FirstEnd(text, from, last, idle) is >= 0 and var end)
            {
                using var walk = new MatchWalk(exact, text);
                if (walk.Find(Math.Max(from, end - span), last, idle) is var (first, length) && (first < next || last == to))
                {
                    return (first, length);
                }
            }

            if (last == to || next > idle)
            {
                return null;
            }
        }
    }
}
