using System.Runtime.InteropServices;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>Makes a <see cref="ChainIndex"/> of rules' chains.</summary>
internal sealed class ChainIndexBuilder
{
    private readonly string[] _keywords;
    private readonly Dictionary<string, int> _numbers;   // of keywords
    private readonly Dictionary<(int[] Texts, int Flags), int> _links = new(new SameNumbers());
    private readonly List<int[]> _texts = [[]];          // of each link: keywords and edges

    private ChainIndexBuilder(IEnumerable<RequiredText> texts)
    {
        _keywords = [.. texts.Select(static text => text.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _numbers = _keywords.Index().ToDictionary(static keyword => keyword.Item, static keyword => keyword.Index, StringComparer.Ordinal);
    }

    /// <param name="rules">The rules.</param>
    /// <param name="chains">Of each rule the chains of which every match has one; none: it is always tried; null: never.</param>
    /// <param name="isLoose">Whether they are looked for in letters alone.</param>
    public static ChainIndex Build(IReadOnlyList<Rule> rules, IReadOnlyList<IReadOnlyList<TextChain>?> chains, bool isLoose) =>
        new ChainIndexBuilder(chains.SelectMany(static own => own ?? []).SelectMany(static chain => chain.Links).SelectMany(static link => link.Texts)).Index(rules, chains, isLoose);

    private ChainIndex Index(IReadOnlyList<Rule> rules, IReadOnlyList<IReadOnlyList<TextChain>?> chains, bool isLoose)
    {
        var maxReach = isLoose ? Pattern.MaxLooseSpan : Pattern.MaxSpan;
        var groups = new Dictionary<(int Before, int Last), List<WindowChain>>();
        var marked = new HashSet<int>();
        var (reaches, always) = (new RuleReach[rules.Count], new List<int>());
        var rulesOf = new SortedSet<int>?[_keywords.Length];
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (chains[rule] is not { Count: > 0 } own)
            {
                always.AddRange(chains[rule] is null ? [] : [rule]);
                continue;
            }

            reaches[rule] = new(Math.Min(own.Max(static chain => chain.Length), maxReach), Math.Min(own.Max(static chain => chain.Behind), maxReach));
            var pattern = rules[rule].Pattern;
            foreach (var chain in own)
            {
                WindowLink[] links = [.. chain.Links.Select(link => new WindowLink(NumberOf(link), Math.Min(link.Gap, pattern.Span), link.Before))];
                marked.UnionWith(links[..^1].Select(static link => link.Texts));
                foreach (var text in isLoose ? links.SelectMany(link => _texts[link.Texts]) : [])
                {
                    (rulesOf[text >> ChainIndex.EdgeShift] ??= []).Add(rule);
                }

                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, (links.Length == 1 ? ChainIndex.None : links[^2].Texts, links[^1].Texts), out _);
                (group ??= []).Add(new(rule, Math.Min(chain.Links[0].Lead, Pattern.MaxSpan), links));
            }
        }

        var marks = marked.Order().SelectMany(link => _texts[link].Select(text => (Keyword: text >> ChainIndex.EdgeShift, Mark: (link << ChainIndex.EdgeShift) | EdgesOf(text)))).ToLookup(static mark => mark.Keyword, static mark => mark.Mark);
        var ends = groups.Index().SelectMany(group => _texts[group.Item.Key.Last].Select(text => (
            Keyword: text >> ChainIndex.EdgeShift,
            End: new ChainEnd(group.Item.Key.Before, group.Index, (short)group.Item.Value.Max(static chain => chain.Links[^1].Gap), (byte)EdgesOf(text))))).ToLookup(static end => end.Keyword, static end => end.End);
        var places = new KeywordPlace[_keywords.Length + 1];
        for (var keyword = 0; keyword < _keywords.Length; keyword++)
        {
            places[keyword] = places[keyword] with { Length = _keywords[keyword].Length };
            places[keyword + 1] = new(0, places[keyword].FirstMark + marks[keyword].Count(), places[keyword].FirstEnd + ends[keyword].Count(), places[keyword].FirstRule + (rulesOf[keyword]?.Count ?? 0));
        }

        return new(
            _keywords,
            places,
            [.. Enumerable.Range(0, _keywords.Length).SelectMany(keyword => marks[keyword].Order())],
            [.. Enumerable.Range(0, _keywords.Length).SelectMany(keyword => ends[keyword])],
            [.. rulesOf.SelectMany(static own => own ?? [])],
            [.. groups.Values.Select(static group => group.ToArray())],
            reaches,
            [.. always]);
    }

    private static int EdgesOf(int text) => text & (ChainIndex.EdgeBefore | ChainIndex.EdgeBehind);

    /// <summary>The number of a link's texts.</summary>
    private int NumberOf(TextLink link)
    {
        int[] texts = [.. link.Texts.Select(text => (_numbers[text.Text] << ChainIndex.EdgeShift) | (text.HasEdgeBefore ? ChainIndex.EdgeBefore : 0) | (text.HasEdgeBehind ? ChainIndex.EdgeBehind : 0)).Order()];
        if (!_links.TryGetValue((texts, 0), out var number))
        {
            _links.Add((texts, 0), number = _texts.Count);
            _texts.Add(texts);
        }

        return number;
    }
}
