namespace Aegis.Scanning.Rules;

/// <summary>
/// What there is to do where a keyword stands: which links have it among their texts, and which chains may end with it. Links with the same texts are
/// one, and chains that end in the same two links are asked for together, so that it is little although most keywords are of many chains. Immutable.
/// </summary>
internal sealed class ChainIndex
{
    /// <summary>No link: it stands everywhere.</summary>
    public const int None = 0;

    /// <summary>The bit for a word's edge before a keyword.</summary>
    public const int EdgeBefore = 1;

    /// <summary>The bit for one behind it.</summary>
    public const int EdgeBehind = 2;

    /// <summary>By how many bits the number of a mark or text is shifted: these are its edges.</summary>
    public const int EdgeShift = 2;

    private const int FilterBits = 64;

    private readonly ulong[] _filters;   // of each keyword: a bit for each of its links, which several share

    /// <param name="keywords">All texts of all links, in ordinal order.</param>
    /// <param name="places">Of each keyword, and one more behind the last.</param>
    /// <param name="marks">Of each keyword the links that have it among their texts, and the edges that it needs there; not those that only end chains.</param>
    /// <param name="ends">Of each keyword the chains that may end with it.</param>
    /// <param name="rules">Of each keyword the rules of which it is a text; empty where texts are read as they are.</param>
    /// <param name="groups">The chains, by the group of their ends.</param>
    /// <param name="reaches">Of each rule.</param>
    /// <param name="always">The rules that are tried everywhere.</param>
    public ChainIndex(string[] keywords, KeywordPlace[] places, int[] marks, ChainEnd[] ends, int[] rules, WindowChain[][] groups, RuleReach[] reaches, int[] always)
    {
        (Keywords, Places, Marks, Ends, Rules, Groups, Reaches, Always) = (keywords, places, marks, ends, rules, groups, reaches, always);
        _filters = new ulong[keywords.Length];
        for (var keyword = 0; keyword < keywords.Length; keyword++)
        {
            foreach (var mark in MarksOf(keyword))
            {
                _filters[keyword] |= FilterOf(mark >> EdgeShift);
            }
        }

        foreach (var group in groups)
        {
            foreach (var chain in group)
            {
                Reach = Math.Max(Reach, chain.Reach);
                foreach (var link in chain.Links)
                {
                    LinkCount = Math.Max(LinkCount, link.Texts + 1);
                }
            }
        }
    }

    public string[] Keywords { get; }

    public KeywordPlace[] Places { get; }

    public int[] Marks { get; }

    public ChainEnd[] Ends { get; }

    public int[] Rules { get; }

    public WindowChain[][] Groups { get; }

    public RuleReach[] Reaches { get; }

    public int[] Always { get; }

    /// <summary>How many links there are, with <see cref="None"/>.</summary>
    public int LinkCount { get; } = 1;

    /// <summary>The most characters of a match up to the end of a chain.</summary>
    public int Reach { get; }

    /// <summary>The chains that may end where a keyword does.</summary>
    public ReadOnlySpan<ChainEnd> EndsOf(int keyword) => Ends.AsSpan(Places[keyword].FirstEnd..Places[keyword + 1].FirstEnd);

    /// <summary>The links that are to be marked where a keyword stands: see <see cref="LinkOf"/>.</summary>
    public ReadOnlySpan<int> MarksOf(int keyword) => Marks.AsSpan(Places[keyword].FirstMark..Places[keyword + 1].FirstMark);

    /// <summary>The rules of which a keyword is a text, where that is kept.</summary>
    public ReadOnlySpan<int> RulesOf(int keyword) => Rules.AsSpan(Places[keyword].FirstRule..Places[keyword + 1].FirstRule);

    /// <summary>The link that a mark is of, if a keyword has the edges that it needs there; else <see cref="None"/>.</summary>
    public static int LinkOf(int mark, int edges) => (mark & (EdgeBefore | EdgeBehind) & ~edges) == 0 ? mark >> EdgeShift : None;

    /// <summary>Whether a keyword with such edges is one of a link's texts.</summary>
    public bool IsTextOf(int keyword, int edges, int link)
    {
        if ((_filters[keyword] & FilterOf(link)) == 0)
        {
            return false;
        }

        var marks = MarksOf(keyword);   // in the order of links
        var first = marks.BinarySearch(link << EdgeShift);
        for (var i = first < 0 ? ~first : first; i < marks.Length && marks[i] >> EdgeShift == link; i++)
        {
            if (LinkOf(marks[i], edges) == link)
            {
                return true;
            }
        }

        return false;
    }

    private static ulong FilterOf(int link) => 1UL << (link % FilterBits);
}
