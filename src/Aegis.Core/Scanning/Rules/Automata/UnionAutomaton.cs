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
    private readonly Dictionary<(int[] States, int Flags), int> _numbers = new(new SameNumbers());   // of the states, and whether they are behind a word's character
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
        using var reach = new Reach(_states);
        reach.Close(from.States, from.IsAfterWord != isOfWord);
        var next = reach.Read(_alphabet, symbol, null);
        var made = next.IsEmpty ? Dead : Add([.. next], isOfWord);
        if (made != TooMany)
        {
            Volatile.Write(ref from.Next[symbol], (ushort)made);
        }

        return made;
    }

    private int Add(int[] states, bool isAfterWord)
    {
        var key = (states, isAfterWord ? 1 : 0);
        lock (_lock)
        {
            if (_numbers.TryGetValue(key, out var known))
            {
                return known;
            }

            if (_count == _nodes.Length)
            {
                return TooMany;
            }

            _nodes[_count] = new(states, isAfterWord, Array.Exists(states, state => _counts(_owners[state])), Ended(states, isAfterWord, isBeforeWord: true), Ended(states, isAfterWord, isBeforeWord: false), _alphabet.Count);
            _numbers.Add(key, _count);
            return _count++;
        }
    }

    private int[] Ended(int[] states, bool isAfterWord, bool isBeforeWord)
    {
        using var reach = new Reach(_states);
        reach.Close(states, isAfterWord != isBeforeWord);
        var ended = new SortedSet<int>();
        foreach (var state in reach.Accepts ? reach.States : [])
        {
            _ = _states[state].Reads != AutomatonState.Accept || ended.Add(_owners[state]);
        }

        return [.. ended];
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
}
