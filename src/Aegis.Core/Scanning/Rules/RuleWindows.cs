using System.Collections.Concurrent;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Where in a text a rule can match: as far as its longest match reaches around where all texts of a chain stand, one behind the other and close
/// enough. Windows of one rule grow together, so that each character is read once a rule; the leftmost match of all windows is the leftmost of the
/// text, because every match holds a chain.
/// </summary>
internal sealed class RuleWindows
{
    private const int MaxPool = 16;
    private const int Near = 8;   // letters behind a chain: in it and in these some must be spelt in another way

    private const int EdgeBefore = 1;
    private const int EdgeBehind = 2;
    private const int EdgeBits = 2;

    private readonly Rule[] _rules;
    private readonly KeywordAutomaton _automaton;
    private readonly int[] _lengths;           // of each keyword
    private readonly int[] _starts;            // where in the following those of a keyword begin, and those of the next
    private readonly int[] _ends;              // links of which it is a text, and which edges it needs there
    private readonly WindowLink[] _links;
    private readonly CharacterMask[] _before;   // of each link
    private readonly (int Before, int Behind)[] _reaches;   // of each rule
    private readonly int[] _always;
    private readonly ConcurrentBag<WindowMemory> _pool = [];

    /// <param name="rules">The rules.</param>
    /// <param name="chains">Of each rule the chains of which every match has one; none: it is always tried; null: never.</param>
    /// <param name="maxReach">The most characters before and behind the end of a chain that are read.</param>
    public RuleWindows(Rule[] rules, IReadOnlyList<IReadOnlyList<TextChain>?> chains, int maxReach)
    {
        _rules = rules;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var endsOf = new List<List<int>>();
        var (links, before, always) = (new List<WindowLink>(), new List<CharacterMask>(), new List<int>());
        _reaches = new (int, int)[rules.Length];
        for (var rule = 0; rule < rules.Length; rule++)
        {
            if (chains[rule] is not { Count: > 0 } own)
            {
                always.AddRange(chains[rule] is null ? [] : [rule]);
                continue;
            }

            _reaches[rule] = (Math.Min(own.Max(static chain => chain.Length), maxReach), Math.Min(own.Max(static chain => chain.Behind), maxReach));
            foreach (var chain in own)
            {
                foreach (var (place, link) in chain.Links.Index())
                {
                    foreach (var text in link.Texts)
                    {
                        if (!numbers.TryGetValue(text.Text, out var number))
                        {
                            numbers.Add(text.Text, number = numbers.Count);
                            endsOf.Add([]);
                        }

                        endsOf[number].Add((links.Count << EdgeBits) | (text.HasEdgeBefore ? EdgeBefore : 0) | (text.HasEdgeBehind ? EdgeBehind : 0));
                    }

                    var nextGap = place == chain.Links.Count - 1 ? 0 : GapOf(chain.Links[place + 1]);
                    links.Add(new(rule, GapOf(link), (short)nextGap, (short)Math.Min(chain.Links[0].Lead, Pattern.MaxSpan), (short)place));
                    before.Add(link.Before);
                }
            }

            short GapOf(TextLink link) => (short)Math.Min(link.Gap, rules[rule].Pattern.Span);
        }

        (_links, _before, _always) = ([.. links], [.. before], [.. always]);
        _ends = [.. endsOf.SelectMany(static ends => ends)];
        _starts = new int[endsOf.Count + 1];
        for (var keyword = 0; keyword < endsOf.Count; keyword++)
        {
            _starts[keyword + 1] = _starts[keyword] + endsOf[keyword].Count;
        }

        _automaton = new([.. numbers.Keys]);
        _lengths = [.. numbers.Keys.Select(static keyword => keyword.Length)];
    }

    /// <summary>Finds the first match of each rule that runs at the checkpoint, in the order of the rules.</summary>
    public void Find(ReadOnlySpan<char> text, LooseText? loose, Checkpoint checkpoint, List<(int Rule, int Start, int Length)> found)
    {
        foreach (var rule in _always)
        {
            if (_rules[rule].RunsAt(checkpoint) && Find(rule, text, loose, 0, text.Length, text.Length) is var (start, length))
            {
                found.Add((rule, start, length));
            }
        }

        var memory = _pool.TryTake(out var pooled) ? pooled : new(_rules.Length, _before.Length);
        memory.Begin(text.Length);
        var search = new Search(this, memory, text, loose, checkpoint);
        if (loose is null)
        {
            _automaton.Find(text, ref search);
        }
        else
        {
            var hits = new OddHits(_lengths, loose);
            _automaton.Find(text, ref hits);
            hits.Tell(ref search);
            hits.Dispose();
        }

        for (var i = 0; i < memory.Touched.Count; i++)
        {
            var rule = memory.Touched[i];
            search.Close(rule);
            if (memory.Of(rule) is { Length: > 0 } match)
            {
                found.Add((rule, match.Start, match.Length));
            }
        }

        found.Sort();
        if (_pool.Count < MaxPool)
        {
            _pool.Add(memory);
        }
    }

    private (int Start, int Length)? Find(int rule, ReadOnlySpan<char> text, LooseText? loose, int from, int to, int idle) =>
        loose is null ? _rules[rule].Pattern.Find(text, from, to, idle) : _rules[rule].Pattern.FindLoose(loose, from, to, idle);

    private readonly ref struct Search(RuleWindows windows, WindowMemory memory, ReadOnlySpan<char> text, LooseText? loose, Checkpoint checkpoint) : IKeywordSink
    {
        private readonly ReadOnlySpan<char> _text = text;

        public void Found(int keyword, int end)
        {
            var start = end - windows._lengths[keyword];
            var edges = (CharacterKinds.IsEdge(_text, start) ? EdgeBefore : 0) | (CharacterKinds.IsEdge(_text, end) ? EdgeBehind : 0);
            var isOdd = loose?.IsOdd(start, end) == true;
            foreach (var entry in windows._ends.AsSpan(windows._starts[keyword]..windows._starts[keyword + 1]))
            {
                if ((entry & (EdgeBefore | EdgeBehind) & ~edges) != 0)
                {
                    continue;
                }

                var number = entry >> EdgeBits;
                ref readonly var link = ref windows._links[number];
                if (isOdd)
                {
                    memory.Of(link.Rule).LastOdd = end;
                }

                var (first, last) = (start, start);
                if (!link.IsFirst && !(memory.Stands(number - 1, end, link.Gap, out first, out last, out var behind) && (behind >= start || windows._before[number].HasAll(_text[behind..start]))))
                {
                    continue;
                }

                if (!link.IsLast)
                {
                    memory.Keep(number, first, last, end, link.NextGap);
                }
                else if (windows._rules[link.Rule].RunsAt(checkpoint))
                {
                    Open(link.Rule, BeginOf(first, number - link.Place, link.Lead), last, end);
                }
            }
        }

        /// <summary>Tries a rule in its window.</summary>
        public void Close(int rule)
        {
            ref var window = ref memory.Of(rule);
            if (window is { To: > 0, Length: 0 })
            {
                (window.Start, window.Length) = windows.Find(rule, _text, loose, window.From, window.To, window.LastStart) ?? default;
            }

            window.To = 0;
        }

        /// <summary>Where a match begins at the earliest whose chain begins at a position.</summary>
        private int BeginOf(int first, int link, int lead)
        {
            ref readonly var before = ref windows._before[link];
            var begin = first;
            while (begin > 0 && first - begin < lead && before.Has(_text[begin - 1]))
            {
                begin--;
            }

            return begin;
        }

        /// <param name="rule">The rule.</param>
        /// <param name="begin">Where a match begins at the earliest.</param>
        /// <param name="start">Where it begins at the latest: there a chain does.</param>
        /// <param name="end">Where the chain ends.</param>
        private void Open(int rule, int begin, int start, int end)
        {
            ref var window = ref memory.Of(rule);
            if (window.Length > 0)
            {
                return;
            }

            var (before, behind) = windows._reaches[rule];
            var to = Math.Min(_text.Length, end + behind);
            if (loose is not null && !(windows._rules[rule].Pattern.IsLong ? window.LastOdd > begin || loose.HasOdd(start + 1, end + Near) : loose.IsMostlyOdd(start, end - start)))
            {
                return;
            }

            var from = Math.Max(begin, end - before);
            if (from > window.To)
            {
                Close(rule);
                window.From = from;
                window.LastStart = start;
            }
            else if (window.To == 0)
            {
                window.From = from;
                window.LastStart = start;
            }

            window.From = Math.Min(window.From, from);
            window.To = Math.Max(window.To, to);
            window.LastStart = Math.Max(window.LastStart, start);
        }
    }
}
