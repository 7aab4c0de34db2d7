using System.Collections;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Which keywords stand in a text, in one pass however many there are; a line break is a blank (A. V. Aho and M. J. Corasick, "Efficient string
/// matching", 1975). Letters, the blank and three signs are one look into a table each, however many keywords begin and end there; what is rarer is found by hash. Ordinal; immutable.
/// </summary>
internal sealed class KeywordAutomaton
{
    private const int Ascii = 0x80;
    private const int Far = ushort.MaxValue;   // in a row: a node that no row can name, or a rare character
    private const int None = -1;
    private const int Lanes = 4;
    private const int Part = 512;     // characters that a lane reads
    private const int Width = 5;        // bits: symbols of a row
    private const int Rare = (1 << Width) - 1;   // the symbol of those that no row tells apart
    private const string ByFrequency = " etaoinsrhldcumfpgwybvkxjqz-':";   // what texts have most; the others are rare
    private const ulong Spread = 0x9E3779B97F4A7C15;   // 2^64 by the golden ratio

    private readonly byte[] _symbols = new byte[Ascii];   // of ASCII; 0: in no keyword
    private readonly ushort[] _rows;   // where symbols lead from each node that a row can name
    private readonly int _rowCount;
    private readonly BitArray _others = new(char.MaxValue + 1);   // which further characters are in keywords
    private readonly ulong[] _keys;    // (node, character) to node where no row says it, open addressing; 0: free
    private readonly int[] _values;
    private readonly int _hash;
    private readonly int[] _fail;
    private readonly byte[] _isOutput;   // whether a keyword ends at a node
    private readonly int[] _outputs;     // where in the following the keywords that end at a node begin
    private readonly int[] _keywords;    // rows of them, with None behind each
    private readonly int _longest;       // keyword

    /// <param name="keywords">The keywords; none is empty.</param>
    public KeywordAutomaton(IReadOnlyList<string> keywords)
    {
        var (parents, characters, ends, order) = Grow(keywords);
        _longest = keywords.Select(static keyword => keyword.Length).DefaultIfEmpty(0).Max();
        _fail = new int[parents.Length];
        _outputs = new int[parents.Length];
        _isOutput = new byte[parents.Length];
        NameSymbols(characters.AsSpan(1));
        _rowCount = Math.Min(parents.Length, Far);
        _rows = new ushort[_rowCount << Width];
        var apart = 0;
        for (var node = 1; node < parents.Length; node++)
        {
            apart += HasRow(parents[node], characters[node]) && node < Far ? 0 : 1;
        }

        _hash = 64 - BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)((apart * 2) + 2)));
        _keys = new ulong[1 << (64 - _hash)];
        _values = new int[_keys.Length];
        Fill(parents, characters);
        _keywords = Flatten(ends, order);
    }

    /// <summary>Tells of every keyword that stands in a text, from left to right.</summary>
    public void Find<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var (node, at) = (0, 0);
        if (_rowCount == _outputs.Length && _longest <= Part / 4)
        {
            Span<int> ends = stackalloc int[Lanes * Part];
            for (; text.Length - at >= Lanes * Part; at += Lanes * Part)
            {
                node = FindInLanes(text, at, node, ends, ref sink);
            }
        }

        for (; at < text.Length; at++)
        {
            node = Next(node, text[at]);
            if (_isOutput[node] != 0)
            {
                Tell(node, at + 1, ref sink);
            }
        }
    }

    /// <summary>Reads four parts of a text at once, because each look waits for the one before it; the later ones begin a keyword's length before their part, so that they are where they would be.</summary>
    private int FindInLanes<TSink>(ReadOnlySpan<char> text, int from, int node, scoped Span<int> ends, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var (first, second, third, fourth) = (node, Enter(text, from + Part), Enter(text, from + (2 * Part)), Enter(text, from + (3 * Part)));
        var (firsts, seconds, thirds, fourths) = (0, Part, 2 * Part, 3 * Part);   // how many nodes were found where keywords end
        var isOutput = _isOutput;
        text = text.Slice(from, Lanes * Part);
        for (var i = 0; i < Part; i++)
        {
            first = Next(first, text[i]);
            second = Next(second, text[Part + i]);
            third = Next(third, text[(2 * Part) + i]);
            fourth = Next(fourth, text[(3 * Part) + i]);
            ends[firsts] = (first * Part) | i;
            ends[seconds] = (second * Part) | i;
            ends[thirds] = (third * Part) | i;
            ends[fourths] = (fourth * Part) | i;
            firsts += isOutput[first];
            seconds += isOutput[second];
            thirds += isOutput[third];
            fourths += isOutput[fourth];
        }

        Tell(ends[..firsts], from, ref sink);
        Tell(ends[Part..seconds], from + Part, ref sink);
        Tell(ends[(2 * Part)..thirds], from + (2 * Part), ref sink);
        Tell(ends[(3 * Part)..fourths], from + (3 * Part), ref sink);
        return fourth;
    }

    private int Enter(ReadOnlySpan<char> text, int at)
    {
        var node = 0;
        foreach (var c in text[(at - _longest)..at])
        {
            node = Next(node, c);
        }

        return node;
    }

    private void Tell<TSink>(scoped ReadOnlySpan<int> ends, int from, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        foreach (var end in ends)
        {
            Tell(end / Part, from + (end % Part) + 1, ref sink);
        }
    }

    private void Tell<TSink>(int node, int end, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        for (var i = _outputs[node]; _keywords[i] != None; i++)
        {
            sink.Found(_keywords[i], end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Next(int node, char c) => c < Ascii && node < _rowCount && _rows[(node << Width) | _symbols[c]] is var next and not Far ? next : Step(node, c);

    /// <summary>
    /// The tree of keywords, its nodes numbered from the root outwards: of each its parent, the character that leads to it, and where in the order the
    /// keywords stand that end there.
    /// </summary>
    private static (int[] Parents, char[] Characters, (int From, int To)[] Ends, int[] Order) Grow(IReadOnlyList<string> keywords)
    {
        int[] order = [.. Enumerable.Range(0, keywords.Count)];
        if (!IsSorted(keywords))
        {
            Array.Sort(order, (left, right) => string.CompareOrdinal(keywords[left], keywords[right]));
        }

        var count = CountNodes(keywords, order);
        var (parents, characters) = (new int[count], new char[count]);
        var ends = new (int From, int To)[count];   // of a node that is still to be grown: all keywords that go through it
        ends[0] = (0, keywords.Count);
        var (grown, depth, deeper) = (1, 0, 1);
        for (var node = 0; node < count; node++)
        {
            (depth, deeper) = node == deeper ? (depth + 1, grown) : (depth, deeper);
            var (from, to) = ends[node];
            var next = from;
            while (next < to && keywords[order[next]].Length == depth)
            {
                next++;
            }

            ends[node] = (from, next);
            while (next < to)
            {
                var (first, c) = (next, keywords[order[next]][depth]);
                while (next < to && keywords[order[next]][depth] == c)
                {
                    next++;
                }

                (parents[grown], characters[grown], ends[grown++]) = (node, c, (first, next));
            }
        }

        return (parents, characters, ends, order);
    }

    private static int CountNodes(IReadOnlyList<string> keywords, int[] order)
    {
        var (count, before) = (1, "");
        foreach (var number in order)
        {
            count += keywords[number].Length - keywords[number].AsSpan().CommonPrefixLength(before);
            before = keywords[number];
        }

        return count;
    }

    private static bool IsSorted(IReadOnlyList<string> keywords)
    {
        for (var i = 1; i < keywords.Count; i++)
        {
            if (string.CompareOrdinal(keywords[i - 1], keywords[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Key(int node, char c) => ((ulong)(node + 1) << 16) | c;

    /// <summary>Gives each character of ASCII that is in keywords a number from 1; rare ones share the last. A line break is a blank.</summary>
    private void NameSymbols(ReadOnlySpan<char> characters)
    {
        foreach (var c in characters)
        {
            if (c >= Ascii)
            {
                _others[c] = true;
            }
            else
            {
                _symbols[c] = (byte)(ByFrequency.IndexOf(c) is >= 0 and var place ? place + 1 : Rare);
            }
        }

        _symbols['\n'] = _symbols[' '];
    }

    private void Fill(int[] parents, char[] characters)
    {
        for (var node = 0; node < _rowCount; node++)
        {
            _rows[(node << Width) | Rare] = Far;
        }

        // What does not go on at a node goes on where its failure leads, which is nearer to the root and so has its row: as the children of a node stand
        // together, its row is whole before a deeper one is made of it.
        var child = 1;
        for (var node = 0; node < parents.Length; node++)
        {
            if (node > 0)
            {
                var (parent, c) = (parents[node], characters[node]);
                _fail[node] = parent == 0 ? 0 : Step(_fail[parent], c);
                if (node < _rowCount)
                {
                    _rows.AsSpan(_fail[node] << Width, 1 << Width).CopyTo(_rows.AsSpan(node << Width));
                }
            }

            for (; child < parents.Length && parents[child] == node; child++)
            {
                if (HasRow(node, characters[child]))
                {
                    _rows[(node << Width) | _symbols[characters[child]]] = (ushort)Math.Min(child, Far);
                }

                if (!HasRow(node, characters[child]) || child >= Far)
                {
                    Keep(Key(node, characters[child]), child);
                }
            }
        }
    }

    private int[] Flatten((int From, int To)[] ends, int[] order)
    {
        var keywords = new List<int> { None };
        for (var node = 1; node < ends.Length; node++)
        {
            var inner = _outputs[_fail[node]];   // of those that end here and begin later
            if (ends[node] is var (from, to) && from < to)
            {
                _outputs[node] = keywords.Count;
                keywords.AddRange(order.AsSpan(from..to));
                for (var i = inner; keywords[i] != None; i++)
                {
                    keywords.Add(keywords[i]);
                }

                keywords.Add(None);
            }
            else
            {
                _outputs[node] = inner;
            }

            _isOutput[node] = _outputs[node] == 0 ? (byte)0 : (byte)1;
        }

        return [.. keywords];
    }

    private bool HasRow(int node, char c) => c < Ascii && _symbols[c] != Rare && node < _rowCount;

    private void Keep(ulong key, int node)
    {
        var slot = SlotOf(key);
        while (_keys[slot] != 0)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        (_keys[slot], _values[slot]) = (key, node);
    }

    private int SlotOf(ulong key) => (int)((key * Spread) >> _hash);

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
        c = c == '\n' ? ' ' : c;
        if (c < Ascii ? _symbols[c] == 0 : !_others[c])
        {
            return 0;
        }

        while (true)
        {
            if (HasRow(node, c) && _rows[(node << Width) | _symbols[c]] is var next and not Far)
            {
                return next;
            }

            if (Child(node, c) is var child and not None)
            {
                return child;
            }

            if (node == 0)
            {
                return 0;
            }

            node = _fail[node];
        }
    }
}
