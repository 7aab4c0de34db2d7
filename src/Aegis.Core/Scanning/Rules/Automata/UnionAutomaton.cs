namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Many patterns that begin at one position, walked together: its nodes are sets of the patterns' states, made when a text first needs them (K. Thompson,
/// 1968; the subset construction of M. O. Rabin and D. Scott, 1959). May be used by many threads.
/// </summary>
internal sealed class UnionAutomaton
{
    /// <summary>The node from which nothing goes on.</summary>
    public const int Dead = 1;

    /// <summary>There are too many nodes: the patterns must be walked one by one.</summary>
    public const int TooMany = -1;

    /// <summary>Nodes that no ordinary text needs; each takes some hundred bytes.</summary>
    public const int DefaultMaxNodes = 1 << 13;

    private const int Unknown = 0;

    private readonly AutomatonState[] _states;
    private readonly int[] _owners;   // the pattern of each state
    private readonly Alphabet _alphabet;
    private readonly Dictionary<Kernel, int> _numbers = [];
    private readonly Node[] _nodes;
    private readonly Lock _lock = new();
    private readonly Func<int, bool> _counts;
    private int _count = Dead + 1;

    /// <param name="roots">The patterns.</param>
    /// <param name="counts">Whether a node in which a pattern goes on is open.</param>
    /// <param name="maxNodes">How many nodes are made, at most 65,536.</param>
    public UnionAutomaton(IReadOnlyList<PatternNode> roots, Func<int, bool> counts, int maxNodes = DefaultMaxNodes)
    {
        _nodes = new Node[maxNodes];
        (_states, _owners, Starts, _alphabet) = AutomatonBuilder.BuildUnion(roots);
        _counts = counts;
        _nodes[Dead] = new([], isAfterWord: false, isOpen: false, [], [], _alphabet.Count);
    }

    private UnionAutomaton(UnionAutomaton other)
    {
        _nodes = new Node[other._nodes.Length];
        (_states, _owners, Starts, _alphabet, _counts) = (other._states, other._owners, other.Starts, other._alphabet, other._counts);
        _nodes[Dead] = other._nodes[Dead];
    }

    /// <summary>Where each pattern begins.</summary>
    public int[] Starts { get; }

    /// <summary>The same without nodes.</summary>
    public UnionAutomaton Emptied() => new(this);

    /// <summary>The node of patterns that begin, behind a word's character or not.</summary>
    public int Begin(IEnumerable<int> patterns, bool isAfterWord) => Add([.. patterns.Select(pattern => Starts[pattern]).Order()], isAfterWord);

    public int SymbolOf(char c) => _alphabet.Of(c);

    /// <summary>Whether a character is of a word.</summary>
    public bool IsOfWord(char c) => _alphabet.IsOfWord(_alphabet.Of(c));

    /// <summary>Where a symbol leads, or <see cref="TooMany"/>.</summary>
    public int Next(int node, int symbol)
    {
        var next = Volatile.Read(ref _nodes[node].Next[symbol]);   // a node is there before its number is
        return next != Unknown ? next : Make(node, symbol);
    }

    /// <summary>Whether more text may make a match of a pattern that counts.</summary>
    public bool IsOpen(int node) => _nodes[node].IsOpen;

    /// <summary>Patterns of which a match ends at a node.</summary>
    public ReadOnlySpan<int> Accepted(int node, bool isBeforeWord) => isBeforeWord ? _nodes[node].BeforeWord : _nodes[node].BeforeOther;

    private int Make(int node, int symbol)
    {
        var from = _nodes[node];
        var isOfWord = _alphabet.IsOfWord(symbol);
        var next = new SortedSet<int>();
        foreach (var state in Close(from.States, from.IsAfterWord != isOfWord))
        {
            if (_states[state] is { Reads: >= 0 } reading && _alphabet.Has(reading.Reads, symbol))
            {
                next.Add(reading.Next);
            }
        }

        var made = next.Count == 0 ? Dead : Add([.. next], isOfWord);
        if (made != TooMany)
        {
            Volatile.Write(ref from.Next[symbol], (ushort)made);
        }

        return made;
    }

    private int Add(int[] states, bool isAfterWord)
    {
        var kernel = new Kernel(states, isAfterWord);
        lock (_lock)
        {
            if (_numbers.TryGetValue(kernel, out var known))
            {
                return known;
            }

            if (_count == _nodes.Length)
            {
                return TooMany;
            }

            _nodes[_count] = new(states, isAfterWord, Array.Exists(states, state => _counts(_owners[state])), Ended(states, isAfterWord, isBeforeWord: true), Ended(states, isAfterWord, isBeforeWord: false), _alphabet.Count);
            _numbers.Add(kernel, _count);
            return _count++;
        }
    }

    private int[] Ended(int[] states, bool isAfterWord, bool isBeforeWord) =>
        [.. Close(states, isAfterWord != isBeforeWord).Where(state => _states[state].Reads == AutomatonState.Accept).Select(state => _owners[state]).Distinct().Order()];

    /// <summary>Where states lead without reading.</summary>
    private HashSet<int> Close(int[] states, bool isAtEdge)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>(states);
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
            {
                continue;
            }

            var state = _states[at];
            if (state.Reads == AutomatonState.Split)
            {
                open.Push(state.Next);
                open.Push(state.Other);
            }
            else if (state.Reads == AutomatonState.Edge && isAtEdge)
            {
                open.Push(state.Next);
            }
        }

        return seen;
    }

    private sealed class Node(int[] states, bool isAfterWord, bool isOpen, int[] beforeWord, int[] beforeOther, int symbols)
    {
        public int[] States => states;

        public bool IsAfterWord => isAfterWord;

        public bool IsOpen => isOpen;

        public int[] BeforeWord => beforeWord;

        public int[] BeforeOther => beforeOther;

        public ushort[] Next { get; } = new ushort[symbols];
    }

    /// <summary>A node by its states.</summary>
    private readonly struct Kernel(int[] states, bool isAfterWord) : IEquatable<Kernel>
    {
        private readonly int[] _states = states;
        private readonly bool _isAfterWord = isAfterWord;

        public bool Equals(Kernel other) => _isAfterWord == other._isAfterWord && _states.AsSpan().SequenceEqual(other._states);

        public override bool Equals(object? obj) => obj is Kernel other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var state in _states)
            {
                hash.Add(state);
            }

            hash.Add(_isAfterWord);
            return hash.ToHashCode();
        }
    }
}
