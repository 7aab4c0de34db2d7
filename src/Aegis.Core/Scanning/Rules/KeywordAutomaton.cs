using System.Collections.Frozen;

namespace Aegis.Scanning.Rules;

/// <summary>Which keywords stand in a text, in one pass however many there are (A. V. Aho and M. J. Corasick, "Efficient string matching", 1975). Ordinal; immutable.</summary>
internal sealed class KeywordAutomaton
{
    private const int Ascii = 0x80;

    private readonly FrozenDictionary<ulong, int> _edges;   // (node, character) to node
    private readonly int[] _first = new int[Ascii];         // edges of the root, where most texts stay
    private readonly int[] _fail;
    private readonly int[] _outputs;                        // the nearest node on the way of failures, itself included, that ends a keyword; 0: none
    private readonly int[][] _ends;

    /// <param name="keywords">The keywords; none is empty.</param>
    public KeywordAutomaton(IReadOnlyList<string> keywords)
    {
        var edges = new Dictionary<ulong, int>();
        var parents = new List<(int Node, char Character)> { default };
        var ends = new List<List<int>> { new() };
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
        for (var c = 0; c < Ascii; c++)
        {
            _first[c] = edges.GetValueOrDefault(Key(0, (char)c));
        }

        foreach (var node in Enumerable.Range(1, parents.Count - 1).OrderBy(node => DepthOf(node, parents)))
        {
            var (parent, c) = parents[node];
            _fail[node] = parent == 0 ? 0 : Step(_fail[parent], c);
            _outputs[node] = _ends[node].Length > 0 ? node : _outputs[_fail[node]];
        }
    }

    /// <summary>How many keywords there are.</summary>
    public int Count { get; }

    /// <summary>Marks the keywords that stand in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="found">A place for each keyword; what is set stays set.</param>
    public void Mark(ReadOnlySpan<char> text, Span<bool> found)
    {
        var node = 0;
        foreach (var c in text)
        {
            node = node == 0 && c < Ascii ? _first[c] : Step(node, c);
            for (var end = _outputs[node]; end != 0; end = _outputs[_fail[end]])
            {
                if (found[_ends[end][0]])
                {
                    break;   // so was all that ends here as well
                }

                foreach (var keyword in _ends[end])
                {
                    found[keyword] = true;
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
