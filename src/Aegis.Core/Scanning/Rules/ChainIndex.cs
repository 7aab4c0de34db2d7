using System.Runtime.InteropServices;

namespace Aegis.Scanning.Rules;

/// <summary>
/// What there is to do where a keyword stands: which links have it among their texts, and which chains may end with it. Links with the same texts are
/// one, and chains that end in the same two links are asked for together, so that it is little although most keywords are of many chains. Immutable.
/// </summary>
internal sealed class ChainIndex
{
    /// <summary>The number of no link's texts: they stand everywhere.</summary>
    public const int None = 0;

    /// <summary>The bit for a word's edge before a keyword.</summary>
    public const int EdgeBefore = 1;

    /// <summary>The bit for one behind it.</summary>
    public const int EdgeBehind = 2;

    private const int EdgeBits = 2;
    private const int SignBits = 64;

    private readonly (int Length, int FirstMark, int FirstEnd)[] _keywords;   // their lengths, and where in the following theirs begin; one more
    private readonly int[] _marks;      // of each keyword the links that have it among their texts, and the edges that it needs there; not those that only end chains
    private readonly ChainEnd[] _ends;
    private readonly ulong[] _signs;    // of each keyword: a bit for each of its links, which several share
    private readonly WindowChain[][] _groups;

    /// <param name="rules">The rules.</param>
    /// <param name="chains">All chains, each with its rule.</param>
    public ChainIndex(Rule[] rules, IEnumerable<(int Rule, TextChain Chain)> chains)
    {
        var keywords = new Dictionary<string, int>(StringComparer.Ordinal);
        var textsOf = new Dictionary<int[], int>(SameNumbers.Instance);
        var texts = new List<int[]> { Array.Empty<int>() };   // of each link: keywords and edges
        var groups = new Dictionary<(int Before, int Last, bool IsLong), List<WindowChain>>();
        var isMarked = new HashSet<int>();
        foreach (var (rule, chain) in chains)
        {
            WindowLink[] links = [.. chain.Links.Select(link => new WindowLink(NumberOf(link), Math.Min(link.Gap, rules[rule].Pattern.Span), link.Before))];
            isMarked.UnionWith(links[..^1].Select(static link => link.Texts));
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, (links.Length == 1 ? None : links[^2].Texts, links[^1].Texts, rules[rule].Pattern.IsLong), out _);
            (group ??= []).Add(new(rule, Math.Min(chain.Links[0].Lead, Pattern.MaxSpan), links));
            Reach = Math.Max(Reach, links.Sum(static link => link.Gap));
        }

        Keywords = [.. keywords.Keys];
        LinkCount = texts.Count;
        _signs = new ulong[Keywords.Length];
        _groups = [.. groups.Values.Select(static group => group.ToArray())];
        var marks = new List<(int Keyword, int Mark)>();
        foreach (var link in isMarked)
        {
            foreach (var text in texts[link])
            {
                marks.Add((text >> EdgeBits, (link << EdgeBits) | (text & (EdgeBefore | EdgeBehind))));
                _signs[text >> EdgeBits] |= SignOf(link);
            }
        }

        var ends = new List<(int Keyword, ChainEnd End)>();
        foreach (var (group, ((before, last, isLong), members)) in groups.Index())
        {
            var gap = (short)members.Max(static chain => chain.Links[^1].Gap);
            ends.AddRange(texts[last].Select(text => (text >> EdgeBits, new ChainEnd(before, group, gap, (byte)(text & (EdgeBefore | EdgeBehind)), isLong))));
        }

        (var firstMarks, _marks) = ByKeyword(marks, Keywords.Length);
        (var firstEnds, _ends) = ByKeyword(ends, Keywords.Length);
        _keywords = [.. Keywords.Select((keyword, number) => (keyword.Length, firstMarks[number], firstEnds[number])), (0, _marks.Length, _ends.Length)];

        int NumberOf(TextLink link)
        {
            var own = new int[link.Texts.Count];
            for (var i = 0; i < own.Length; i++)
            {
                var text = link.Texts[i];
                if (!keywords.TryGetValue(text.Text, out var keyword))
                {
                    keywords.Add(text.Text, keyword = keywords.Count);
                }

                own[i] = (keyword << EdgeBits) | (text.HasEdgeBefore ? EdgeBefore : 0) | (text.HasEdgeBehind ? EdgeBehind : 0);
            }

            if (!textsOf.TryGetValue(own, out var number))
            {
                textsOf.Add(own, number = texts.Count);
                texts.Add(own);
            }

            return number;
        }
    }

    /// <summary>All texts of all links.</summary>
    public string[] Keywords { get; }

    /// <summary>How many different texts links have, and <see cref="None"/>.</summary>
    public int LinkCount { get; }

    /// <summary>The most characters of a match up to the end of a chain.</summary>
    public int Reach { get; }

    public int LengthOf(int keyword) => _keywords[keyword].Length;

    /// <summary>The chains that may end where a keyword does.</summary>
    public ReadOnlySpan<ChainEnd> EndsOf(int keyword) => _ends.AsSpan(_keywords[keyword].FirstEnd.._keywords[keyword + 1].FirstEnd);

    /// <summary>The links that are to be marked where a keyword stands: see <see cref="LinkOf"/>.</summary>
    public ReadOnlySpan<int> MarksOf(int keyword) => _marks.AsSpan(_keywords[keyword].FirstMark.._keywords[keyword + 1].FirstMark);

    public WindowChain[] ChainsOf(int group) => _groups[group];

    /// <summary>The texts that a mark is of, if a keyword has the edges that it needs there; else <see cref="None"/>.</summary>
    public static int LinkOf(int mark, int edges) => (mark & (EdgeBefore | EdgeBehind) & ~edges) == 0 ? mark >> EdgeBits : None;

    /// <summary>Whether a keyword with such edges is one of a link's texts.</summary>
    public bool IsTextOf(int keyword, int edges, int link)
    {
        if ((_signs[keyword] & SignOf(link)) != 0)
        {
            foreach (var mark in MarksOf(keyword))
            {
                if (LinkOf(mark, edges) == link)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static ulong SignOf(int link) => 1UL << (link % SignBits);

    private static (int[] Firsts, T[] Values) ByKeyword<T>(List<(int Keyword, T Value)> values, int keywords)
    {
        var firsts = new int[keywords + 1];
        foreach (var (keyword, _) in values)
        {
            firsts[keyword + 1]++;
        }

        for (var keyword = 0; keyword < keywords; keyword++)
        {
            firsts[keyword + 1] += firsts[keyword];
        }

        var (next, sorted) = (firsts.AsSpan(0, keywords).ToArray(), new T[values.Count]);
        foreach (var (keyword, value) in values)
        {
            sorted[next[keyword]++] = value;
        }

        return (firsts, sorted);
    }

    private sealed class SameNumbers : IEqualityComparer<int[]>
    {
        public static SameNumbers Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(obj.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
