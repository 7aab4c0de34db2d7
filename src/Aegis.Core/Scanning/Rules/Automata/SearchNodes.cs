namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Patterns that are looked for together, from wherever each may begin: sets of their states, made when a text first needs them, and where each symbol
/// leads from them. May be used by many threads.
/// </summary>
internal sealed class SearchNodes
{
    /// <summary>The node with which a text begins.</summary>
    public const int First = 0;

    /// <summary>In the nodes before this one nothing has begun; each has its flags for a number.</summary>
    public const int Clear = 8;

    /// <summary>Set where a number is no node's alone: a match may have ended before the symbol, or it is <see cref="Unknown"/>.</summary>
    public const int Special = 1 << 15;

    /// <summary>Where a symbol leads is not known yet.</summary>
    public const int Unknown = ushort.MaxValue;

    private const int FirstNodes = 64;

    private readonly SearchPatterns _patterns;
    private readonly int _max;
    private readonly List<(int[] States, int Flags)> _nodes = [];
    private readonly Dictionary<(int[] States, int Flags), int> _numbers = new(new SameNumbers());
    private readonly Dictionary<int, int> _closed = [];
    private readonly Lock _lock = new();
    private ushort[] _table = [];
    private int _missed;

    /// <param name="patterns">The patterns.</param>
    /// <param name="max">How many nodes there are at most.</param>
    public SearchNodes(SearchPatterns patterns, int max)
    {
        (_patterns, _max) = (patterns, max);
        for (var flags = 0; flags < Clear; flags++)
        {
            Number(([], flags));
        }
    }

    /// <summary>Where symbols lead: the node times <see cref="SearchPatterns.Width"/>, and the symbol. What is known stays.</summary>
    public ushort[] Table => Volatile.Read(ref _table);

    /// <summary>Whether there was no room so often that nodes of other texts may serve better. Of texts that need a node for each character few are served.</summary>
    public bool IsSpent => Volatile.Read(ref _missed) >= _max;

    /// <summary>Finds where a symbol leads.</summary>
    /// <returns>The node, <see cref="Special"/> if a match may have ended; <see cref="Unknown"/>: there is no room for it.</returns>
    public int Make(int node, int symbol)
    {
        lock (_lock)
        {
            var (states, flags) = _nodes[node];
            var number = Number((_patterns.Step(states, flags, symbol, out var hasEnded), _patterns.FlagsOf(symbol) | (flags & SearchPatterns.IsClosed)));
            if (number != Unknown)
            {
                number |= hasEnded ? Special : 0;
                Volatile.Write(ref _table[(node * SearchPatterns.Width) + symbol], (ushort)number);
            }

            return number;
        }
    }

    /// <summary>The same node, but that nothing more begins; <see cref="Unknown"/>: there is no room for it.</summary>
    public int Closed(int node)
    {
        lock (_lock)
        {
            if (!_closed.TryGetValue(node, out var number))
            {
                var (states, flags) = _nodes[node];
                number = Number((states, flags | SearchPatterns.IsClosed));
                _closed.Add(node, number);   // where there is no room now, there is none later
            }

            return number;
        }
    }

    private int Number((int[] States, int Flags) node)
    {
        if (_numbers.TryGetValue(node, out var known))
        {
            return known;
        }

        if (_nodes.Count == _max)
        {
            _missed++;
            return Unknown;
        }

        if (_nodes.Count * SearchPatterns.Width == _table.Length)
        {
            var larger = new ushort[Math.Max(FirstNodes * SearchPatterns.Width, 2 * _table.Length)];
            _table.CopyTo(larger, 0);
            larger.AsSpan(_table.Length).Fill(Unknown);
            Volatile.Write(ref _table, larger);
        }

        _nodes.Add(node);
        _numbers.Add(node, _nodes.Count - 1);
        return _nodes.Count - 1;
    }
}
