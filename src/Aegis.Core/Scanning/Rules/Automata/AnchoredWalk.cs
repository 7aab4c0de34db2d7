using System.Buffers;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>Finds every length at which a pattern matches from one position of a text, and whether more text could change that. Linear in what is read and in the pattern.</summary>
internal static class AnchoredWalk
{
    private const int Parts = 4;

    /// <summary>Walks as far as the pattern can go on.</summary>
    /// <param name="automaton">The pattern.</param>
    /// <param name="text">The text.</param>
    /// <param name="start">Where a match begins.</param>
    /// <param name="ends">Where matches end, in order; as long as the longest match, and one more.</param>
    /// <param name="count">How many ends there are.</param>
    /// <returns>Whether the text ended before the pattern did.</returns>
    public static bool Run(ExactAutomaton automaton, ReadOnlySpan<char> text, int start, Span<int> ends, out int count)
    {
        var (states, alphabet) = (automaton.States, automaton.Alphabet);
        var memory = ArrayPool<int>.Shared.Rent((states.Length + 1) * Parts);
        var seen = memory.AsSpan(0, states.Length);
        var stack = memory.AsSpan(states.Length, states.Length + 2);
        var now = memory.AsSpan((2 * states.Length) + 2, states.Length);
        var next = memory.AsSpan((3 * states.Length) + 2, states.Length);
        seen.Fill(-1);
        now[0] = automaton.Start;
        var active = 1;
        count = 0;
        var position = start;
        for (; active > 0; position++)
        {
            var symbol = position < text.Length ? alphabet.Of(text[position]) : -1;
            var isAtEdge = (position > 0 && alphabet.IsOfWord(alphabet.Of(text[position - 1]))) != (symbol >= 0 && alphabet.IsOfWord(symbol));
            var kept = 0;
            for (var thread = 0; thread < active; thread++)
            {
                var depth = 0;
                stack[depth++] = now[thread];
                while (depth > 0)
                {
                    var at = stack[--depth];
                    if (seen[at] == position)
                    {
                        continue;
                    }

                    seen[at] = position;
                    ref readonly var state = ref states[at];
                    switch (state.Reads)
                    {
                        case AutomatonState.Accept:
                            ends[count++] = position;
                            break;
                        case AutomatonState.Split:
                            stack[depth++] = state.Other;
                            stack[depth++] = state.Next;
                            break;
                        case AutomatonState.Edge when isAtEdge:
                            stack[depth++] = state.Next;
                            break;
                        case >= 0 when symbol >= 0 && alphabet.Has(state.Reads, symbol):
                            next[kept++] = state.Next;
                            break;
                        default:
                            break;
                    }
                }
            }

            if (position == text.Length)
            {
                ArrayPool<int>.Shared.Return(memory);
                return true;
            }

            var last = now;
            now = next;
            next = last;
            active = kept;
        }

        ArrayPool<int>.Shared.Return(memory);
        return false;
    }
}
