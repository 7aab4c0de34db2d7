using System.Buffers;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>The states that others lead to without reading.</summary>
internal struct Reach : IDisposable
{
    private readonly Automaton.State[] _states;
    private readonly int _families;
    private readonly int[] _memory;
    private int _count;

    public Reach(Automaton.State[] states, int families)
    {
        (_states, _families) = (states, families);
        _memory = ArrayPool<int>.Shared.Rent((states.Length * 2) + 1 + Math.Max(states.Length, families));
    }

    /// <summary>Whether a match ends there.</summary>
    public bool Accepts { get; private set; }

    private readonly Span<int> Reached => _memory.AsSpan(0, _states.Length);

    /// <param name="from">The states.</param>
    /// <param name="isAtEdge">Whether a word ends or begins here.</param>
    public void Close(int[] from, bool isAtEdge)
    {
        var seen = _memory.AsSpan(_states.Length * 2 + 1, _states.Length);
        seen.Clear();
        var stack = _memory.AsSpan(_states.Length, _states.Length + 1);
        var reached = Reached;
        foreach (var first in from)
        {
            var depth = 0;
            stack[depth++] = first;
            while (depth > 0)
            {
                var at = stack[--depth];
                if (seen[at] != 0)
                {
                    continue;
                }

                seen[at] = 1;
                ref readonly var state = ref _states[at];
                switch (state.Reads)
                {
                    case Automaton.Accept:
                        Accepts = true;
                        break;
                    case Automaton.Split:
                        stack[depth++] = state.Other;
                        stack[depth++] = state.Next;
                        break;
                    case Automaton.Edge:
                        if (isAtEdge)
                        {
                            stack[depth++] = state.Next;
                        }

                        break;
                    default:
                        reached[_count++] = at;
                        break;
                }
            }
        }
    }

    /// <summary>The states behind a symbol, and the start, in order. Of the copies of a repeat only the first is kept: it finds whatever the others find.</summary>
    public readonly int[] Read(Alphabet alphabet, int symbol, int start)
    {
        var firsts = _memory.AsSpan((_states.Length * 2) + 1, _families);
        firsts.Fill(int.MaxValue);
        var next = new SortedSet<int> { start };
        foreach (var at in Reached[.._count])
        {
            if (alphabet.Has(_states[at].Reads, symbol))
            {
                next.Add(_states[at].Next);
            }
        }

        foreach (var at in next)
        {
            if (_states[at] is { Family: >= 0 and var family, Rank: var rank })
            {
                firsts[family] = Math.Min(firsts[family], rank);
            }
        }

        var kept = new List<int>(next.Count);
        foreach (var at in next)
        {
            if (_states[at].Family < 0 || firsts[_states[at].Family] == _states[at].Rank)
            {
                kept.Add(at);
            }
        }

        return [.. kept];
    }

    public readonly void Dispose() => ArrayPool<int>.Shared.Return(_memory);
}
