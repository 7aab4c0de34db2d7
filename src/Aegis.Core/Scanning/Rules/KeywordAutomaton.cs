using System.Numerics;

namespace Aegis.Scanning.Rules;

/// <summary>Which keywords stand in a text, in one pass however many there are; a line break is a blank (A. V. Aho and M. J. Corasick, "Efficient string matching", 1975). Ordinal; immutable.</summary>
internal sealed class KeywordAutomaton
{
    private const int Ascii = 0x80;
    private const int MaxNear = 16_384;
    private const int None = -1;
    private const ulong Spread = 0x9E3779B97F4A7C15;   // 2^64 by the golden ratio

    private readonly byte[] _symbols = new byte[Ascii];   // of ASCII; 0: in no keyword; a line break is a blank
    private readonly int[] _near;      // where these lead from the nodes next to the root, where most texts stay
    private readonly int _nearCount;
    private readonly int _symbolCount;
    private readonly ulong[] _keys;    // (node, character) to node, open addressing; 0: free
    private readonly int[] _values;
    private readonly int _shift;
    private readonly int[] _fail;
    private readonly int[] _outputs;   // the nearest node on the way of failures, itself included, that ends a keyword; 0: none
    private readonly int[]?[] _ends;

    /// <param name="keywords">The keywords; none is empty.</param>
    public KeywordAutomaton(IReadOnlyList<string> keywords)
    {
        var (children, parents) = Grow(keywords, out var lasts);
        Count = keywords.Count;
        _ends = new int[parents.Length][];
        foreach (var group in lasts.Index().GroupBy(static last => last.Item, static last => last.Index))
        {
            _ends[group.Key] = [.. group];
        }

        _shift = 64 - BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)((children.Count * 2) + 2)));
        _keys = new ulong[1 << (64 - _shift)];
        _values = new int[_keys.Length];
        foreach (var (key, node) in children)
        {
            var slot = SlotOf(key);
            while (_keys[slot] != 0)
            {
                slot = (slot + 1) & (_keys.Length - 1);
            }

            (_keys[slot], _values[slot]) = (key, node);
        }

        _near = [];
        _fail = new int[parents.Length];
        _outputs = new int[parents.Length];
        for (var node = 1; node < parents.Length; node++)
        {
            var (parent, c) = parents[node];
            _fail[node] = parent == 0 ? 0 : Step(_fail[parent], c);
            _outputs[node] = _ends[node] is null ? _outputs[_fail[node]] : node;
        }

        char[] used = [.. keywords.SelectMany(static keyword => keyword).Where(static c => c < Ascii).Distinct().Order()];
        for (var i = 0; i < used.Length; i++)
        {
            _symbols[used[i]] = (byte)(i + 1);
        }

        _symbols['\n'] = _symbols[' '];
        var symbolCount = used.Length + 1;
        var near = new int[Math.Min(parents.Length, MaxNear) * symbolCount];
        var nearCount = near.Length / symbolCount;
        for (var node = 1; node < parents.Length; node++)
        {
            var (parent, c) = parents[node];
            if (c < Ascii && parent < nearCount)
            {
                near[(parent * symbolCount) + _symbols[c]] = node;
            }
        }

        for (var node = 1; node < nearCount; node++)   // what does not go on here goes on where the failure leads, which is nearer to the root
        {
            var own = near.AsSpan(node * symbolCount, symbolCount);
            var other = near.AsSpan(_fail[node] * symbolCount, symbolCount);
            for (var i = 1; i < symbolCount; i++)
            {
                own[i] = own[i] == 0 ? other[i] : own[i];
            }
        }

        (_near, _nearCount, _symbolCount) = (near, nearCount, symbolCount);
    }

    /// <summary>How many keywords there are.</summary>
    public int Count { get; }

    /// <summary>Tells of every keyword that stands in a text, from left to right.</summary>
    public void Find<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var node = 0;
        for (var i = 0; i < text.Length; i++)
        {
            node = Step(node, text[i]);
            for (var end = _outputs[node]; end != 0; end = _outputs[_fail[end]])
            {
                foreach (var keyword in _ends[end]!)
                {
                    sink.Found(keyword, i + 1);
                }
            }
        }
    }

    /// <summary>The tree of keywords, its nodes numbered from the root outwards.</summary>
    private static (Dictionary<ulong, int> Children, (int Parent, char Character)[] Parents) Grow(IReadOnlyList<string> keywords, out int[] lasts)
    {
        var children = new Dictionary<ulong, int>();
        var parents = new List<(int Parent, char Character)> { default };
        var ends = new int[keywords.Count];
        for (var depth = 0; depth < keywords.Select(static keyword => keyword.Length).DefaultIfEmpty(0).Max(); depth++)
        {
            for (var i = 0; i < keywords.Count; i++)
            {
                if (depth >= keywords[i].Length)
                {
                    continue;
                }

                var key = Key(ends[i], keywords[i][depth]);
                if (!children.TryGetValue(key, out var node))
                {
                    children.Add(key, node = parents.Count);
                    parents.Add((ends[i], keywords[i][depth]));
                }

                ends[i] = node;
            }
        }

        lasts = ends;
        return (children, [.. parents]);
    }

    private static ulong Key(int node, char c) => ((ulong)(node + 1) << 16) | c;

    private int SlotOf(ulong key) => (int)((key * Spread) >> _shift);

    private int Child(int node, char c)
    {
        var key = Key(node, c);
        for (var slot = SlotOf(key); _keys[slot] != 0; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return _values[slot];
            }
        }

        return None;
    }

    private int Step(int node, char c)
    {
        while (true)
        {
            if (node < _nearCount && c < Ascii)
            {
                return _near[(node * _symbolCount) + _symbols[c]];
            }

            var next = Child(node, c == '\n' ? ' ' : c);
            if (next != None)
            {
                return next;
            }

            if (node == 0)
            {
                return 0;
            }

            node = _fail[node];
        }
    }
}
