using System.Buffers;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>The states that others lead to without reading. Needs no clean memory (P. Briggs and L. Torczon, "An efficient representation for sparse sets", 1993).</summary>
internal ref struct Reach : IDisposable
{
    private readonly ReadOnlySpan<AutomatonState> _states;
    private readonly int[] _memory;
    private readonly Span<int> _seen;     // the states, in the order in which they were reached
    private readonly Span<int> _places;   // where each stands among these
    private readonly Span<int> _stack;
    private readonly Span<int> _next;
    private int _count;

    public Reach(AutomatonState[] states)
    {
        _states = states;
        var size = states.Length + 1;
        _memory = ArrayPool<int>.Shared.Rent(size * 4);
        _seen = _memory.AsSpan(0, size);
        _places = _memory.AsSpan(size, size);
        _stack = _memory.AsSpan(size * 2, size);
        _next = _memory.AsSpan(size * 3, size);
    }

    /// <summary>Whether a match ends there.</summary>
    public bool Accepts { get; private set; }

    /// <summary>The states, in the order in which they were reached.</summary>
    public readonly ReadOnlySpan<int> States => _seen[.._count];

    /// <param name="from">The states.</param>
    /// <param name="isAtEdge">Whether a word ends or begins here.</param>
    public void Close(ReadOnlySpan<int> from, bool isAtEdge)
    {
        foreach (var first in from)
        {
            var depth = 0;
            _stack[depth++] = first;
            while (depth > 0)
            {
                var at = _stack[--depth];
                if (!Add(at))
                {
                    continue;
                }

                ref readonly var state = ref _states[at];
                switch (state.Reads)
                {
                    case AutomatonState.Accept:
                        Accepts = true;
                        break;
                    case AutomatonState.Split:
                        _stack[depth++] = state.Other;
                        _stack[depth++] = state.Next;
                        break;
                    case AutomatonState.Edge when isAtEdge:
                        _stack[depth++] = state.Next;
                        break;
                    default:
                        break;
                }
            }
        }
    }

    /// <summary>The states behind a symbol, and one more, in order.</summary>
    public ReadOnlySpan<int> Read(ISymbolSets alphabet, int symbol, int? more)
    {
        var reached = _count;
        _stack[0] = more ?? 0;   // no longer used
        var count = more is null ? 0 : 1;
        for (var i = 0; i < reached; i++)
        {
            ref readonly var state = ref _states[_seen[i]];
            if (state.Reads >= 0 && alphabet.Has(state.Reads, symbol))
            {
                _stack[count++] = state.Next;
            }
        }

        var targets = _stack[..count];
        targets.Sort();
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (i == 0 || targets[i] != targets[i - 1])
            {
                _next[kept++] = targets[i];
            }
        }

        return _next[..kept];
    }

    /// <summary>Whether one of the states reads a symbol.</summary>
    public readonly bool Reads(ISymbolSets alphabet, int symbol)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_states[_seen[i]].Reads is >= 0 and var set && alphabet.Has(set, symbol))
            {
                return true;
            }
        }

        return false;
    }

    public readonly void Dispose() => ArrayPool<int>.Shared.Return(_memory);

    private bool Add(int state)
    {
        var place = _places[state];
        if ((uint)place < (uint)_count && _seen[place] == state)
        {
            return false;
        }

        _places[state] = _count;
        _seen[_count++] = state;
        return true;
    }
}
