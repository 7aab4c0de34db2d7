using System.Buffers;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Where in a text a rule can match: as far as its longest match reaches around the places where a text of each of its lists stands near those of
/// the others. Windows of one rule grow together, so that each character is read once a rule; the leftmost match of all windows is the leftmost of
/// the text, because every match holds a text of each list.
/// </summary>
internal sealed class KeywordWindows
{
    private const int Before = 32;   // letters around those that must stand there, where other spellings are looked for
    private const int Behind = 16;

    private readonly KeywordAutomaton _automaton;
    private readonly (int Rule, int List)[][] _listsOf;   // of each keyword; lists are numbered over all rules
    private readonly int[] _firstList;                    // of each rule, and one more
    private readonly int[] _spans;
    private readonly int[] _lengths;
    private readonly int[] _always;

    /// <param name="required">For each rule the lists of which each match has a text; a rule without is always tried, or never.</param>
    /// <param name="spans">The longest match of each rule.</param>
    /// <param name="triesOthers">Whether rules without lists are tried on every text.</param>
    public KeywordWindows(IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> required, IReadOnlyList<int> spans, bool triesOthers)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var lists = new List<List<(int, int)>>();
        _firstList = new int[required.Count + 1];
        for (var rule = 0; rule < required.Count; rule++)
        {
            _firstList[rule + 1] = _firstList[rule] + required[rule].Count;
            for (var list = 0; list < required[rule].Count; list++)
            {
                foreach (var keyword in required[rule][list].Distinct(StringComparer.Ordinal))
                {
                    if (!numbers.TryGetValue(keyword, out var number))
                    {
                        numbers.Add(keyword, number = numbers.Count);
                        lists.Add([]);
                    }

                    lists[number].Add((rule, _firstList[rule] + list));
                }
            }
        }

        _listsOf = [.. lists.Select(static of => of.ToArray())];
        _automaton = new([.. numbers.Keys]);
        _lengths = [.. numbers.Keys.Select(static keyword => keyword.Length)];
        _spans = [.. spans];
        _always = triesOthers ? [.. Enumerable.Range(0, required.Count).Where(rule => required[rule].Count == 0)] : [];
    }

    /// <summary>Tries rules where they can match, until each has matched once.</summary>
    /// <param name="text">The text.</param>
    /// <param name="runs">The rules that are tried.</param>
    /// <param name="loose">If these are a text's letters: they are tried only where they are not plainly written.</param>
    /// <param name="find">The first match of a rule in a part of the text.</param>
    /// <param name="found">For each rule where its first match begins and how long it is; length 0: none.</param>
    public void Find(ReadOnlySpan<char> text, Func<int, bool> runs, LooseText? loose, PartFinder find, Span<(int Start, int Length)> found)
    {
        found.Clear();
        foreach (var rule in _always)
        {
            if (runs(rule))
            {
                found[rule] = find(rule, 0, text.Length) ?? default;
            }
        }

        var (rules, lists) = (_spans.Length, _firstList[^1]);
        var memory = ArrayPool<int>.Shared.Rent((rules * 3) + lists);
        Array.Clear(memory, 0, (rules * 3) + lists);
        var search = new Search(this, text, runs, loose, find, found, memory.AsSpan(0, rules), memory.AsSpan(rules, rules), memory.AsSpan(rules * 2, lists), memory.AsSpan((rules * 2) + lists, rules));
        _automaton.Find(text, ref search);
        for (var rule = 0; rule < rules; rule++)
        {
            search.Close(rule);
        }

        ArrayPool<int>.Shared.Return(memory);
    }

    /// <summary>The first match of a rule between two positions of a text, or null.</summary>
    internal delegate (int Start, int Length)? PartFinder(int rule, int from, int to);

    private readonly ref struct Search(KeywordWindows windows, ReadOnlySpan<char> text, Func<int, bool> runs, LooseText? loose, PartFinder find, Span<(int Start, int Length)> found, Span<int> from, Span<int> to, Span<int> last, Span<int> lastOdd) : IKeywordSink
    {
        private readonly ReadOnlySpan<char> _text = text;
        private readonly Span<(int Start, int Length)> _found = found;
        private readonly Span<int> _from = from;         // the open window of each rule
        private readonly Span<int> _to = to;             // where it ends; 0: none is open
        private readonly Span<int> _last = last;         // where a text of each list ended last; 0: nowhere
        private readonly Span<int> _lastOdd = lastOdd;   // where one of each rule ended last that is not plainly written

        public void Found(int keyword, int end)
        {
            var isOdd = loose?.IsOdd(end - windows._lengths[keyword], end) == true;
            foreach (var (rule, list) in windows._listsOf[keyword])
            {
                _last[list] = end;
                if (isOdd)
                {
                    _lastOdd[rule] = end;
                }

                if (_found[rule].Length > 0 || !runs(rule))
                {
                    continue;
                }

                var (reach, first) = (end - windows._spans[rule], FirstOf(rule));
                if (first == 0 || first <= reach)
                {
                    continue;
                }

                var (start, stop) = (Math.Max(0, reach), Math.Min(_text.Length, first + windows._spans[rule]));
                if (loose is not null && _lastOdd[rule] <= start && !loose.HasOdd(first - Before, end + Behind))
                {
                    continue;
                }

                if (start > _to[rule])
                {
                    Close(rule);
                }

                _from[rule] = _to[rule] > 0 ? _from[rule] : start;
                _to[rule] = stop;
            }
        }

        public void Close(int rule)
        {
            if (_to[rule] > 0 && _found[rule].Length == 0)
            {
                _found[rule] = find(rule, _from[rule], _to[rule]) ?? default;
            }

            _to[rule] = 0;
        }

        /// <summary>Behind which position a text of each list of a rule has ended; 0: one is missing.</summary>
        private int FirstOf(int rule)
        {
            var first = int.MaxValue;
            for (var list = windows._firstList[rule]; list < windows._firstList[rule + 1]; list++)
            {
                first = Math.Min(first, _last[list]);
            }

            return first;
        }
    }
}
