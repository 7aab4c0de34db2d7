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
    private const int Near = 8;   // letters around a chain among which some must be spelt in another way

    private readonly Rule[] _rules;
    private readonly KeywordAutomaton _automaton;
    private readonly int[] _lengths;           // of each keyword
    private readonly LinkEnd[][] _linksOf;     // of each keyword
    private readonly int _linkCount;
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
        var linksOf = new List<List<LinkEnd>>();
        var always = new List<int>();
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
                            linksOf.Add([]);
                        }

                        linksOf[number].Add(new(_linkCount, rule, Math.Min(link.Gap, rules[rule].Pattern.Span), text.HasEdgeBefore, text.HasEdgeBehind, place == 0, place == chain.Links.Count - 1));
                    }

                    _linkCount++;
                }
            }
        }

        _linksOf = [.. linksOf.Select(static of => of.ToArray())];
        _always = [.. always];
        _automaton = new([.. numbers.Keys]);
        _lengths = [.. numbers.Keys.Select(static keyword => keyword.Length)];
    }

    /// <summary>Finds the first match of each rule that runs at the checkpoint.</summary>
    public List<(int Rule, int Start, int Length)> Find(ReadOnlySpan<char> text, LooseText? loose, Checkpoint checkpoint)
    {
        var found = new List<(int Rule, int Start, int Length)>();
        foreach (var rule in _always)
        {
            if (_rules[rule].RunsAt(checkpoint) && Find(rule, text, loose, 0, text.Length, text.Length) is var (start, length))
            {
                found.Add((rule, start, length));
            }
        }

        var memory = _pool.TryTake(out var pooled) ? pooled : new(_rules.Length, _linkCount);
        memory.Begin(text.Length);
        var search = new Search(this, memory, text, loose, checkpoint);
        _automaton.Find(text, ref search);
        foreach (var rule in memory.Touched)
        {
            search.Close(rule);
            if (memory.Of(rule) is { Length: > 0 } match)
            {
                found.Add((rule, match.Start, match.Length));
            }
        }

        if (_pool.Count < MaxPool)
        {
            _pool.Add(memory);
        }

        return found;
    }

    private (int Start, int Length)? Find(int rule, ReadOnlySpan<char> text, LooseText? loose, int from, int to, int idle) =>
        loose is null ? _rules[rule].Pattern.Find(text, from, to, idle) : _rules[rule].Pattern.FindLoose(loose, from, to, idle);

    private readonly ref struct Search(RuleWindows windows, WindowMemory memory, ReadOnlySpan<char> text, LooseText? loose, Checkpoint checkpoint) : IKeywordSink
    {
        private readonly ReadOnlySpan<char> _text = text;

        public void Found(int keyword, int end)
        {
            var start = end - windows._lengths[keyword];
            var (hasEdgeBefore, hasEdgeBehind) = (CharacterKinds.IsEdge(_text, start), CharacterKinds.IsEdge(_text, end));
            var isOdd = loose?.IsOdd(start, end) == true;
            foreach (ref readonly var link in windows._linksOf[keyword].AsSpan())
            {
                if ((link.NeedsEdgeBefore && !hasEdgeBefore) || (link.NeedsEdgeBehind && !hasEdgeBehind))
                {
                    continue;
                }

                if (isOdd)
                {
                    memory.Of(link.Rule).LastOdd = end;
                }

                var first = start;
                if (!link.IsFirst && !memory.Stands(link.Link - 1, end, link.Gap, out first))
                {
                    continue;
                }

                if (!link.IsLast)
                {
                    memory.Keep(link.Link, first, end);
                }
                else if (windows._rules[link.Rule].RunsAt(checkpoint))
                {
                    Open(link.Rule, first, end);
                }
            }
        }

        /// <summary>Tries a rule in its window.</summary>
        public void Close(int rule)
        {
            ref var window = ref memory.Of(rule);
            if (window is { To: > 0, Length: 0 })
            {
                (window.Start, window.Length) = windows.Find(rule, _text, loose, window.From, window.To, window.LastEnd) ?? default;
            }

            window.To = 0;
        }

        private void Open(int rule, int first, int end)
        {
            ref var window = ref memory.Of(rule);
            if (window.Length > 0)
            {
                return;
            }

            var (before, behind) = windows._reaches[rule];
            var (from, to) = (Math.Max(0, end - before), Math.Min(_text.Length, end + behind));
            if (loose is not null && !(windows._rules[rule].Pattern.IsLong ? window.LastOdd > from || loose.HasOdd(first - Near, end + Near) : loose.IsMostlyOdd(first, end - first)))
            {
                return;
            }

            if (from > window.To)
            {
                Close(rule);
                window.From = from;
            }
            else if (window.To == 0)
            {
                window.From = from;
            }

            window.To = to;
            window.LastEnd = end;
        }
    }
}
