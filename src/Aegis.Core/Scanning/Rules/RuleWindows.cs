using System.Collections.Concurrent;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Where in a text a rule can match: as far as its longest match reaches around where all texts of a chain stand, one behind the other and close
/// enough. Windows of one rule grow together, so that each character is read a bounded number of times a rule; the leftmost match of all windows is
/// the leftmost of the text, because every match holds a chain. A chain that ends behind a match may still begin before it.
/// </summary>
internal sealed class RuleWindows
{
    private const int MaxPool = 16;
    private const int Near = 8;   // letters behind a chain that may be the odd ones

    private readonly Rule[] _rules;
    private readonly ChainIndex _index;
    private readonly KeywordAutomaton _automaton;
    private readonly ConcurrentBag<WindowMemory> _pool = [];

    /// <param name="rules">The rules.</param>
    /// <param name="index">Where they can match.</param>
    /// <param name="automaton">Finds the keywords of the index.</param>
    public RuleWindows(Rule[] rules, ChainIndex index, KeywordAutomaton automaton) => (_rules, _index, _automaton) = (rules, index, automaton);

    /// <summary>Finds the first match of each rule that runs at the checkpoint, in the order of the rules.</summary>
    public void Find(ReadOnlySpan<char> text, LooseText? loose, Checkpoint checkpoint, List<(int Rule, int Start, int Length)> found)
    {
        foreach (var rule in _index.Always)
        {
            if (_rules[rule].RunsAt(checkpoint) && Find(rule, text, loose, 0, text.Length, text.Length) is var (start, length))
            {
                found.Add((rule, start, length));
            }
        }

        var memory = _pool.TryTake(out var pooled) ? pooled : new(_rules.Length, _index.LinkCount, _index.Reach);
        memory.Begin(text.Length);
        var search = new Search(this, memory, text, loose, checkpoint);
        _automaton.Find(text, ref search);
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
        private readonly ChainIndex _index = windows._index;

        public void Found(int keyword, int end)
        {
            var start = end - _index.Places[keyword].Length;
            var edges = loose is null ? (CharacterKinds.IsEdge(_text, start) ? ChainIndex.EdgeBefore : 0) | (CharacterKinds.IsEdge(_text, end) ? ChainIndex.EdgeBehind : 0) : 0;
            if (loose?.IsOdd(start, end) == true)
            {
                foreach (var rule in _index.RulesOf(keyword))
                {
                    memory.Of(rule).LastOdd = end;
                }
            }

            foreach (ref readonly var chains in _index.EndsOf(keyword))
            {
                if ((chains.Edges & ~edges) == 0 && memory.Stands(chains.Before, end, chains.Gap))
                {
                    foreach (var chain in _index.Groups[chains.Group])
                    {
                        Try(chain, start, end);
                    }
                }
            }

            foreach (var mark in _index.MarksOf(keyword))
            {
                memory.Mark(ChainIndex.LinkOf(mark, edges), end);
            }

            memory.Add(new(keyword, end, (byte)edges));
        }

        /// <summary>Tries a rule in its window, and keeps the leftmost match, the longest of these.</summary>
        public void Close(int rule)
        {
            ref var window = ref memory.Of(rule);
            if (window.To > 0
                && windows.Find(rule, _text, loose, window.From, window.To, window.Length > 0 ? Math.Min(window.LastStart, window.Start) : window.LastStart) is var (start, length)
                && (window.Length == 0 || start < window.Start || (start == window.Start && length > window.Length)))
            {
                (window.Start, window.Length) = (start, length);
            }

            window.To = 0;
        }

        /// <summary>Opens the window of a chain whose last text stands there, if the others stand before it.</summary>
        private void Try(WindowChain chain, int start, int end)
        {
            if (!MayCount(chain, start, end) || IsBehindMatch(chain.Rule, end - _index.Reaches[chain.Rule].Before) || !windows._rules[chain.Rule].RunsAt(checkpoint))
            {
                return;
            }

            if (loose is null && memory.Of(chain.Rule).To >= end)
            {
                Open(chain.Rule, 0, start, end);   // the rule is tried here in any case: whether the chain stands is not worth finding out
                return;
            }

            var gap = 0;
            for (var place = chain.Links.Length - 1; place > 0; place--)
            {
                gap += chain.Links[place].Gap;
                if (!memory.Stands(chain.Links[place - 1].Texts, end, gap))
                {
                    return;
                }
            }

            var (first, last, earliestEnd) = (start, start, end);   // where texts of a link begin, the first and the last of those that count, and where one ends first
            for (var place = chain.Links.Length - 1; place > 0; place--)
            {
                var (before, link) = (chain.Links[place - 1].Texts, chain.Links[place]);
                var hits = memory.Hits;
                var (nextFirst, nextLast, nextEnd, open) = (int.MaxValue, -1, 0, first);   // open: up to where all stands between that may
                for (var i = hits.Length - 1; i >= 0 && hits[i].End >= earliestEnd - link.Gap; i--)
                {
                    ref readonly var hit = ref hits[i];
                    if (hit.End > last)
                    {
                        continue;
                    }

                    while (open > hit.End && link.Before.Has(_text[open - 1]))
                    {
                        open--;
                    }

                    if (open > hit.End)
                    {
                        break;
                    }

                    if (_index.IsTextOf(hit.Keyword, hit.Edges, before))
                    {
                        var hitStart = hit.End - _index.Places[hit.Keyword].Length;
                        nextFirst = Math.Min(nextFirst, hitStart);
                        nextLast = Math.Max(nextLast, hitStart);
                        nextEnd = hit.End;
                    }
                }

                if (nextLast < 0)
                {
                    return;
                }

                (first, last, earliestEnd) = (nextFirst, nextLast, nextEnd);
            }

            var begin = BeginOf(chain, first);
            if (!IsBehindMatch(chain.Rule, begin) && Counts(chain, begin, last, end))
            {
                Open(chain.Rule, begin, last, end);
            }
        }

        /// <summary>Whether a rule has a match before a position.</summary>
        private bool IsBehindMatch(int rule, int begin) => memory.Of(rule) is { Length: > 0 } match && begin > match.Start;

        /// <summary>Whether a chain that ends there may count, wherever it begins.</summary>
        private bool MayCount(WindowChain chain, int start, int end) => loose is null
            || (windows._rules[chain.Rule].Pattern.IsLong ? memory.Of(chain.Rule).LastOdd > Math.Max(0, end - chain.Reach) || loose.HasOdd(end - chain.Reach, end + Near) : loose.OddIn(end - chain.Reach, end) * 3 >= end - start);

        /// <summary>Whether a chain counts: as it stands in a text, each does; in letters alone one that is oddly written. Of a long pattern it, what stands close behind it, or another text of its rule; of a short one a third of its letters.</summary>
        private bool Counts(WindowChain chain, int begin, int start, int end) => loose is null
            || (windows._rules[chain.Rule].Pattern.IsLong ? memory.Of(chain.Rule).LastOdd > begin || loose.HasOdd(start + 1, end + Near) : loose.IsMostlyOdd(start, end - start));

        /// <summary>Where a match begins at the earliest whose chain begins at a position.</summary>
        private int BeginOf(WindowChain chain, int first)
        {
            var begin = first;
            while (begin > 0 && first - begin < chain.Lead && chain.Links[0].Before.Has(_text[begin - 1]))
            {
                begin--;
            }

            return begin;
        }

        /// <param name="rule">The rule.</param>
        /// <param name="begin">Where a match begins at the earliest.</param>
        /// <param name="start">Where a chain begins at the latest.</param>
        /// <param name="end">Where it ends.</param>
        private void Open(int rule, int begin, int start, int end)
        {
            ref var window = ref memory.Of(rule);
            var (before, behind) = _index.Reaches[rule];
            var (from, to) = (Math.Max(begin, end - before), Math.Min(_text.Length, end + behind));
            if (window.To == 0 || from > window.To)
            {
                Close(rule);
                window.From = from;
                window.LastStart = start;
            }

            window.From = Math.Min(window.From, from);
            window.To = Math.Max(window.To, to);
            window.LastStart = Math.Max(window.LastStart, start);
        }
    }
}
