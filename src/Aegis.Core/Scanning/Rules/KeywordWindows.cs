namespace Aegis.Scanning.Rules;

/// <summary>
/// Where in a text a rule can match: around its keywords, as far as its longest match reaches. Windows of one rule grow together, so that each
/// character is read once a rule; the leftmost match of all windows is the leftmost of the text, because every match holds a keyword.
/// </summary>
internal sealed class KeywordWindows
{
    private readonly KeywordAutomaton _automaton;
    private readonly int[][] _rulesOf;
    private readonly int[] _spans;
    private readonly int[] _lengths;
    private readonly int[] _always;

    /// <param name="keywords">Those of each rule; a rule without is always tried, or never.</param>
    /// <param name="spans">The longest match of each rule.</param>
    /// <param name="triesOthers">Whether rules without keywords are tried on every text.</param>
    public KeywordWindows(IReadOnlyList<IReadOnlyList<string>> keywords, IReadOnlyList<int> spans, bool triesOthers)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var rules = new List<List<int>>();
        for (var rule = 0; rule < keywords.Count; rule++)
        {
            foreach (var keyword in keywords[rule].Distinct(StringComparer.Ordinal))
            {
                if (!numbers.TryGetValue(keyword, out var number))
                {
                    numbers.Add(keyword, number = numbers.Count);
                    rules.Add([]);
                }

                rules[number].Add(rule);
            }
        }

        _rulesOf = [.. rules.Select(static of => of.ToArray())];
        _automaton = new([.. numbers.Keys]);
        _lengths = [.. numbers.Keys.Select(static keyword => keyword.Length)];
        _spans = [.. spans];
        _always = triesOthers ? [.. Enumerable.Range(0, keywords.Count).Where(rule => keywords[rule].Count == 0)] : [];
    }

    /// <summary>Tries rules where they can match, until each has matched once.</summary>
    /// <param name="text">The text.</param>
    /// <param name="runs">The rules that are tried.</param>
    /// <param name="counts">Whether a keyword counts that stands here, for a window; null: always.</param>
    /// <param name="find">The first match of a rule in a part of the text.</param>
    /// <param name="found">For each rule where its first match begins and how long it is; length 0: none.</param>
    public void Find(ReadOnlySpan<char> text, Func<int, bool> runs, KeywordFilter? counts, PartFinder find, Span<(int Start, int Length)> found)
    {
        found.Clear();
        foreach (var rule in _always)
        {
            if (runs(rule))
            {
                found[rule] = find(rule, 0, text.Length) ?? default;
            }
        }

        Span<(int Start, int End)> open = new (int, int)[_spans.Length];
        var search = new Search(this, text, runs, counts, find, found, open);
        _automaton.Find(text, ref search);
        for (var rule = 0; rule < _spans.Length; rule++)
        {
            search.Close(rule);
        }
    }

    /// <summary>Whether a keyword from one position to another counts in a window.</summary>
    internal delegate bool KeywordFilter(int start, int end, int from, int to);

    /// <summary>The first match of a rule between two positions of a text, or null.</summary>
    internal delegate (int Start, int Length)? PartFinder(int rule, int from, int to);

    private ref struct Search(KeywordWindows windows, ReadOnlySpan<char> text, Func<int, bool> runs, KeywordFilter? counts, PartFinder find, Span<(int Start, int Length)> found, Span<(int Start, int End)> open) : IKeywordSink
    {
        private readonly ReadOnlySpan<char> _text = text;
        private readonly Span<(int Start, int Length)> _found = found;
        private readonly Span<(int Start, int End)> _open = open;

        public readonly void Found(int keyword, int end)
        {
            foreach (var rule in windows._rulesOf[keyword])
            {
                if (_found[rule].Length > 0 || !runs(rule))
                {
                    continue;
                }

                // One more on either side, so that the edges of words are seen.
                var (start, stop) = (Math.Max(0, end - windows._spans[rule] - 1), Math.Min(_text.Length, end + windows._spans[rule] + 1));
                if (counts?.Invoke(end - windows._lengths[keyword], end, start, stop) == false)
                {
                    continue;
                }

                if (_open[rule].End > 0 && start > _open[rule].End)
                {
                    Close(rule);
                }

                _open[rule] = (_open[rule].End > 0 ? _open[rule].Start : start, stop);
            }
        }

        public readonly void Close(int rule)
        {
            var (start, end) = _open[rule];
            _open[rule] = default;
            if (end > 0 && _found[rule].Length == 0)
            {
                _found[rule] = find(rule, start, end) ?? default;
            }
        }
    }
}
