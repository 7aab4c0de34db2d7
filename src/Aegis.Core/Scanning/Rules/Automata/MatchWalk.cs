namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Finds where a match begins and ends: states are walked in the order in which their matches began (R. Pike's machine, without its priorities). Of
/// the copies of a repeat one is left out where an earlier copy stands whose match began no later: that one finds whatever it finds.
/// </summary>
internal ref struct MatchWalk : IDisposable
{
    private const int Stamped = 2;
    private const int Lists = 5;

    private readonly AutomatonState[] _states;
    private readonly ExactAutomaton _automaton;
    private readonly Alphabet _alphabet;
    private readonly ReadOnlySpan<char> _text;
    private readonly WalkMemory _memory;
    private readonly int _first;           // added to positions that are remembered
    private readonly Span<int> _seen;      // the position at which a state was walked last
    private readonly Span<int> _taken;     // the position at which a state was put on the list last
    private readonly Span<int> _stack;
    private readonly Span<int> _copies;    // the first copy on the list, of each family,
    private readonly Span<int> _copiesAt;  // and the position at which it was put there
    private Span<int> _now;                // the list: states, and where their matches began, from left to right
    private Span<int> _nowFrom;
    private Span<int> _next;
    private Span<int> _nextFrom;
    private int _kept;
    private int _start = -1;
    private int _end;

    public MatchWalk(ExactAutomaton automaton, ReadOnlySpan<char> text)
    {
        (_automaton, _states, _alphabet) = (automaton, automaton.States, automaton.Alphabet);
        _text = text;
        var (count, families) = (_states.Length + 1, automaton.Families);
        _memory = WalkMemory.Take((count * Stamped) + families, (count * Lists) + families);
        _first = _memory.Begin(text.Length + 1);
        _seen = _memory.Stamps.AsSpan(0, count);
        _taken = _memory.Stamps.AsSpan(count, count);
        _copiesAt = _memory.Stamps.AsSpan(count * Stamped, families);
        _stack = _memory.Values.AsSpan(0, count);
        _now = _memory.Values.AsSpan(count, count);
        _nowFrom = _memory.Values.AsSpan(count * 2, count);
        _next = _memory.Values.AsSpan(count * 3, count);
        _nextFrom = _memory.Values.AsSpan(count * 4, count);
        _copies = _memory.Values.AsSpan(count * Lists, families);
    }

    /// <summary>The leftmost match between two positions, the longest of these, or null; one that begins behind <paramref name="idle"/> need not be found.</summary>
    public (int Start, int Length)? Find(int from, int to, int idle)
    {
        var active = 0;
        for (var i = from; i <= to && (active > 0 || (_start < 0 && i <= idle)); i++)
        {
            var symbol = i < _text.Length ? _alphabet.Of(_text[i]) : -1;
            if (_start < 0 && i <= idle && symbol >= 0 && _automaton.Begins(symbol) && _taken[_automaton.Start] != _first + i)
            {
                _now[active] = _automaton.Start;
                _nowFrom[active++] = i;
            }

            if (active == 0)
            {
                continue;
            }

            var isAtEdge = (i > 0 && _alphabet.IsOfWord(_alphabet.Of(_text[i - 1]))) != (symbol >= 0 && _alphabet.IsOfWord(symbol));
            _kept = 0;
            for (var thread = 0; thread < active && (_start < 0 || _nowFrom[thread] <= _start); thread++)
            {
                Follow(_now[thread], _nowFrom[thread], i, i < to ? symbol : -1, isAtEdge);
            }

            var now = _now;
            _now = _next;
            _next = now;
            now = _nowFrom;
            _nowFrom = _nextFrom;
            _nextFrom = now;
            active = _kept;
        }

        return _start < 0 ? null : (_start, _end - _start);
    }

    public readonly void Dispose() => _memory.Return();

    private void Follow(int first, int from, int position, int symbol, bool isAtEdge)
    {
        var depth = 0;
        _stack[depth++] = first;
        while (depth > 0)
        {
            var at = _stack[--depth];
            if (_seen[at] == _first + position)
            {
                continue;
            }

            _seen[at] = _first + position;
            ref readonly var state = ref _states[at];
            switch (state.Reads)
            {
                case AutomatonState.Accept:
                    (_start, _end) = (from, position);
                    break;
                case AutomatonState.Split:
                    _stack[depth++] = state.Other;
                    _stack[depth++] = state.Next;
                    break;
                case AutomatonState.Edge when isAtEdge:
                    _stack[depth++] = state.Next;
                    break;
                case >= 0 when symbol >= 0 && _alphabet.Has(state.Reads, symbol):
                    Take(state.Next, from, position + 1);
                    break;
                default:
                    break;
            }
        }
    }

    private void Take(int at, int from, int position)
    {
        var stamp = _first + position;
        if (_taken[at] == stamp)
        {
            return;
        }

        _taken[at] = stamp;
        var (family, rank) = (_states[at].Family, _states[at].Rank);
        if (family >= 0)
        {
            if (_copiesAt[family] == stamp && _copies[family] < rank)
            {
                return;
            }

            _copies[family] = _copiesAt[family] == stamp ? Math.Min(_copies[family], rank) : rank;
            _copiesAt[family] = stamp;
        }

        _next[_kept] = at;
        _nextFrom[_kept++] = from;
    }
}
