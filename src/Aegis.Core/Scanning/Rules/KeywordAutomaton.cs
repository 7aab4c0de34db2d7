using System.Collections.Frozen;

namespace Aegis.Scanning.Rules;

/// <summary>Which keywords stand in a text, in one pass however many there are (A. V. Aho and M. J. Corasick, "Efficient string matching", 1975). Ordinal; immutable.</summary>
internal sealed class KeywordAutomaton
{
    private const int Ascii = 0x80;

    private readonly FrozenDictionary<ulong, int> _edges;   // (node, character) to node
    private readonly int _near;                             // the last of the root and its children, where most texts stay
    private readonly int[] _dense;                          // where ASCII leads from these
    private readonly int[] _fail;
    private readonly int[] _outputs;                        // the nearest node on the way of failures, itself included, that ends a keyword; 0: none
    private readonly int[][] _ends;

    /// <param name="keywords">The keywords; none is empty.</param>
    public KeywordAutomaton(IReadOnlyList<string> keywords)
    {
        var edges = new Dictionary<ulong, int>();
        var parents = new List<(int Node, char Character)> { default };
        var ends = new List<List<int>> { new() };
        foreach (var first in keywords.Select(static keyword => keyword[0]).Distinct().Order())
        {
            edges.Add(Key(0, first), parents.Count);
            parents.Add((0, first));
            ends.Add([]);
        }

        _near = parents.Count - 1;
        for (var i = 0; i < keywords.Count; i++)
        {
            var node = 0;
            foreach (var c in keywords[i])
            {
                if (!edges.TryGetValue(Key(node, c), out var next))
                {
                    next = parents.Count;
                    parents.Add((node, c));
                    ends.Add([]);
                    edges.Add(Key(node, c), next);
                }

                node = next;
            }

            ends[node].Add(i);
        }

        Count = keywords.Count;
        _edges = edges.ToFrozenDictionary();
        _ends = [.. ends.Select(static end => end.ToArray())];
        _fail = new int[parents.Count];
        _outputs = new int[parents.Count];
        foreach (var node in Enumerable.Range(1, parents.Count - 1).OrderBy(node => DepthOf(node, parents)))
        {
            var (parent, c) = parents[node];
            _fail[node] = parent == 0 ? 0 : Step(_fail[parent], c);
            _outputs[node] = _ends[node].Length > 0 ? node : _outputs[_fail[node]];
        }

        _dense = new int[(_near + 1) * Ascii];
        for (var i = 0; i < _dense.Length; i++)
        {
            _dense[i] = Step(i / Ascii, (char)(i % Ascii));
        }
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
            var c = text[i];
            node = c < Ascii && node <= _near ? _dense[(node * Ascii) + c] : Step(node, c);
            for (var end = _outputs[node]; end != 0; end = _outputs[_fail[end]])
            {
                foreach (var keyword in _ends[end])
                {
                    sink.Found(keyword, i + 1);
                }
            }
        }
    }

    private static ulong Key(int node, char c) => ((ulong)node << 16) | c;

    private static int DepthOf(int node, List<(int Node, char Character)> parents)
    {
        var depth = 0;
        for (; node != 0; node = parents[node].Node)
        {
            depth++;
        }

        return depth;
    }

    private int Step(int node, char c)
    {
        while (true)
        {
            if (_edges.TryGetValue(Key(node, c), out var next))
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
