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
            var isOdd = IsOdd(start, end);
            var (isLongOdd, isMostlyOdd) = (isOdd || HasOdd(start, end), IsMostlyOdd(start, end));
            foreach (ref readonly var chains in _index.EndsOf(keyword))
            {
                if ((chains.Edges & ~edges) == 0 && (chains.Before == ChainIndex.None ? chains.IsLong ? isLongOdd : isMostlyOdd : memory.Stands(chains.Before, end, chains.Gap)))
                {
                    foreach (var chain in _index.Groups[chains.Group])
                    {
                        Try(chain, start, end, isOdd);
                    }
                }
            }

            foreach (var mark in _index.MarksOf(keyword))
            {
                memory.Mark(ChainIndex.LinkOf(mark, edges), end);
            }

            memory.Add(new(keyword, end, (byte)edges, isOdd));
        }

        /// <summary>Whether a keyword is not plainly written; as it stands in a text, each counts.</summary>
        private bool IsOdd(int start, int end) => loose?.IsOdd(start, end) != false;

        /// <summary>Whether something in a chain or near behind it is not.</summary>
        private bool HasOdd(int start, int end) => loose?.HasOdd(start + 1, end + Near) != false;

        /// <summary>Whether much of a chain is not.</summary>
        private bool IsMostlyOdd(int start, int end) => loose?.IsMostlyOdd(start, end - start) != false;

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

        /// <summary>Opens the window of a chain whose last text stands there, if the others stand before it.</summary>
        private void Try(WindowChain chain, int start, int end, bool isOdd)
        {
            if (!windows._rules[chain.Rule].RunsAt(checkpoint) || memory.Of(chain.Rule).Length > 0)
            {
                return;
            }

            var (first, last, firstEnd) = (start, start, end);   // where texts of a link begin, the first and the last of those that count, and where the first ends
            for (var place = chain.Links.Length - 1; place > 0; place--)
            {
                var (before, link) = (chain.Links[place - 1].Texts, chain.Links[place]);
                var (nextFirst, nextLast, nextEnd, open) = (int.MaxValue, -1, 0, first);   // open: up to where all stands between that may
                for (var i = memory.Hits.Length - 1; i >= 0; i--)
                {
                    ref readonly var hit = ref memory.Hits[i];
                    if (hit.End < firstEnd - link.Gap)
                    {
                        break;
                    }

                    if (hit.End > last || !_index.IsTextOf(hit.Keyword, hit.Edges, before))
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

                    var hitStart = hit.End - _index.Places[hit.Keyword].Length;
                    nextFirst = Math.Min(nextFirst, hitStart);
                    nextLast = Math.Max(nextLast, hitStart);
                    nextEnd = hit.End;
                    isOdd |= hit.IsOdd;
                }

                if (nextLast < 0)
                {
                    return;
                }

                (first, last, firstEnd) = (nextFirst, nextLast, nextEnd);
            }

            Open(chain, first, last, end, isOdd);
        }

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

        /// <param name="chain">The chain.</param>
        /// <param name="first">Where it begins at the earliest.</param>
        /// <param name="start">Where it begins at the latest.</param>
        /// <param name="end">Where it ends.</param>
        /// <param name="isOdd">Whether one of its texts is not plainly written.</param>
        private void Open(WindowChain chain, int first, int start, int end, bool isOdd)
        {
            if (!(windows._rules[chain.Rule].Pattern.IsLong ? isOdd || HasOdd(start, end) : IsMostlyOdd(start, end)))
            {
                return;
            }

            ref var window = ref memory.Of(chain.Rule);
            var (before, behind) = _index.Reaches[chain.Rule];
            var (from, to) = (Math.Max(BeginOf(chain, first), end - before), Math.Min(_text.Length, end + behind));
            if (from > window.To)
            {
                Close(chain.Rule);
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
