using System.Buffers;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Sensitive;

/// <summary>
/// Finds values in a text as it stands. From where a value, or what must stand before it, can begin, all rules are walked together; what begins at a
/// position depends only on the <see cref="Reach"/> characters before and those of the longest value behind it, so that a stream is read as the whole
/// text is. May be used by many threads.
/// </summary>
internal sealed class SensitiveScanner
{
    private const int Least = 256;   // characters that are sieved
    private const int Part = 64;     // of them at a time

    private readonly SensitiveRule[] _rules;
    private readonly Lock _lock = new();
    private volatile Together? _made;
    private readonly Lazy<(int Rule, ExactAutomaton Before)[]> _befores;
    private readonly int _span;
    private readonly int _maxLength;
    private readonly int _maxNodes;
    private readonly int _back;   // characters before a value where what must stand before it can begin
    private readonly Func<Sieve>? _sieve;

    /// <param name="rules">The rules, those that say most first.</param>
    /// <param name="maxNodes">How many nodes all rules together have at most; beyond, they are walked one by one.</param>
    /// <param name="maxLength">Characters at which a value ends that could go on.</param>
    /// <param name="sieve">What knows all of the rules; null: nothing does.</param>
    public SensitiveScanner(IEnumerable<SensitiveRule> rules, int maxNodes = UnionAutomaton.DefaultMaxNodes, int maxLength = int.MaxValue, Func<Sieve>? sieve = null)
    {
        _sieve = sieve;
        _rules = [.. rules];
        _maxLength = maxLength;
        _maxNodes = maxNodes;
        _befores = new(() => [.. _rules.Index().Where(static rule => rule.Item.HasBefore).Select(static rule => (rule.Index, AutomatonBuilder.BuildExact(rule.Item.First)))]);
        _span = _rules.Max(static rule => Math.Max(rule.Span, rule.Reach)) + 2;
        Reach = Math.Max(_rules.Max(static rule => rule.Reach), SensitiveRule.ContextReach) + 2;
        _back = Array.Exists(_rules, static rule => rule.HasBefore) ? Reach : 0;
    }

    /// <summary>Characters before a position that say what begins there.</summary>
    public int Reach { get; }

    /// <summary>Reads the values that begin in a part of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">The first position.</param>
    /// <param name="before">The position behind the last.</param>
    /// <param name="isLast">Whether no text follows.</param>
    /// <param name="hits">Gets them, from left to right; of those that begin together the longest, and of these the first rule's.</param>
    /// <returns>Where the first value begins that more text may make or change; the text's length if there is none.</returns>
    public int Read(ReadOnlySpan<char> text, int from, int before, bool isLast, List<SensitiveHit> hits)
    {
        var reading = new Reading(this, text, from, before, isLast);
        reading.Run(from - _back);
        hits.AddRange(reading.Hits ?? []);
        return reading.Open;
    }

    /// <summary>Reads the values that begin in a part of a text that goes on.</summary>
    /// <param name="text">The text so far.</param>
    /// <param name="from">The first position.</param>
    /// <param name="resume">Where reading must begin, at the latest at the first position; gets where it must begin when more has come.</param>
    /// <param name="hits">Them, as <see cref="Read"/> gives them; null: none.</param>
    /// <returns>Where the first value begins that more text may make or change; the text's length if there is none.</returns>
    public int Advance(ReadOnlySpan<char> text, int from, ref int resume, out List<SensitiveHit>? hits)
    {
        var reading = new Reading(this, text, from, text.Length, isLast: false);
        reading.Run(Math.Min(resume, from));
        (resume, hits) = (reading.Resume, reading.Hits);
        return reading.Open;
    }

    private Together All => _made ?? Renew(null);

    /// <summary>An automaton whose nodes are all taken makes room for those of the texts that come.</summary>
    private Together Renew(Together? full)
    {
        lock (_lock)
        {
            return ReferenceEquals(_made, full) ? _made = full?.Emptied() ?? new(_rules, _maxNodes) : _made!;
        }
    }

    /// <summary>All rules, and where they can begin: inside a word only those that look for what stands before a value, or may begin anywhere.</summary>
    private sealed class Together
    {
        private readonly int[] _starts = new int[4];   // inside a word or not, behind one of its characters or not

        private readonly SensitiveRule[] _rules;

        public Together(SensitiveRule[] rules, int maxNodes)
            : this(rules, new UnionAutomaton([.. rules.Select(static rule => rule.First)], rule => !rules[rule].HasBefore, maxNodes))
        {
        }

        private Together(SensitiveRule[] rules, UnionAutomaton automaton)
        {
            (_rules, Automaton) = (rules, automaton);
            bool MayBegin(SensitiveRule rule, int start) => start < 2 || rule.HasBefore || rule.IsAnywhere;
            for (var start = 0; start < _starts.Length; start++)
            {
                _starts[start] = Automaton.Begin(rules.Index().Where(rule => MayBegin(rule.Item, start)).Select(static rule => rule.Index), isAfterWord: start % 2 == 1);
            }
        }

        public UnionAutomaton Automaton { get; }

        /// <summary>The same without nodes.</summary>
        public Together Emptied() => new(_rules, Automaton.Emptied());

        /// <param name="text">The text.</param>
        /// <param name="at">The position.</param>
        /// <param name="isBefore">Whether values that begin there were read: only what stands before a value is looked for.</param>
        public int Begin(ReadOnlySpan<char> text, int at, bool isBefore)
        {
            var isInside = isBefore || IsInside(text, at);
            return _starts[(isInside ? 2 : 0) + (at > 0 && Automaton.IsOfWord(text[at - 1]) ? 1 : 0)];
        }
    }

    /// <summary>Whether a position is inside a word, where no value begins.</summary>
    private static bool IsInside(ReadOnlySpan<char> text, int at) => at > 0 && char.IsAsciiLetterOrDigit(text[at]) && char.IsAsciiLetterOrDigit(text[at - 1]);

    private ref struct Reading(SensitiveScanner scanner, ReadOnlySpan<char> text, int from, int before, bool isLast)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private SortedDictionary<int, (int Rule, int End)>? _found;   // by where they begin
        private List<(int Rule, int End)>? _ends;   // matches of what begins at a position
        private List<int>? _judged;   // rules of which the longest match there was judged

        public int Open { get; private set; } = text.Length;

        /// <summary>Where the first walk begins that has not ended with the text, or that has led to a value here.</summary>
        public int Resume { get; private set; } = text.Length;

        public readonly List<SensitiveHit>? Hits
        {
            get
            {
                var rules = scanner._rules;
                return _found is null ? null : [.. _found.Select(found => new SensitiveHit(rules[found.Value.Rule], new(found.Key, found.Value.End)))];
            }
        }

        /// <summary>Reads what begins at a position or later.</summary>
        public void Run(int begin)
        {
            begin = Math.Max(0, begin);
            if (scanner._sieve is null || _text.Length - begin < Least)
            {
                Walk(begin, _text.Length);
                return;
            }

            var sieve = scanner._sieve();
            var place = sieve.Begin(_text[..begin]);
            var (clear, ended, first) = (begin, begin, -1);   // nothing that begins before the first goes on behind it; between the others something may have ended
            for (var at = begin; at < _text.Length && (first >= 0 || clear < before); at += Part)
            {
                var known = clear;
                if (!sieve.Read(_text.Slice(at, Math.Min(Part, _text.Length - at)), at, ref place, ref clear))
                {
                    (clear, first) = (known, first < 0 ? known : first);
                    break;
                }

                var last = Math.Max(place.Ended[0], Math.Max(place.Ended[1], place.Ended[2]));
                (ended, first) = last > ended ? (last, first < 0 ? known : first) : (ended, first);
                if (first >= 0 && clear >= ended)
                {
                    Walk(first, clear);
                    first = -1;
                }
            }

            Walk(first < 0 ? clear : first, _text.Length);
        }

        /// <summary>Reads what begins between two positions.</summary>
        private void Walk(int begin, int end)
        {
            var together = scanner.All;
            var last = Math.Min(before, end);
            for (var at = begin; at < last; at++)
            {
                var automaton = together.Automaton;
                var node = together.Begin(_text, at, isBefore: at < from);
                var next = automaton.Next(node, automaton.SymbolOf(_text[at]));
                if (next != UnionAutomaton.Dead && !Walk(automaton, node, at))
                {
                    together = scanner.Renew(together);
                }
            }
        }

        /// <returns>Whether there was room for the automaton's nodes.</returns>
        private bool Walk(UnionAutomaton automaton, int node, int start)
        {
            _ends?.Clear();
            var (at, last) = (start, LastOf(start));
            for (; node is not (UnionAutomaton.Dead or UnionAutomaton.TooMany); at++)
            {
                var isBeforeWord = at < _text.Length && automaton.IsOfWord(_text[at]);
                foreach (var rule in automaton.Accepted(node, isBeforeWord))
                {
                    (_ends ??= []).Add((rule, at));
                }

                if (at == last)
                {
                    break;
                }

                node = automaton.Next(node, automaton.SymbolOf(_text[at]));
            }

            if (node == UnionAutomaton.TooMany)
            {
                Resume = Math.Min(Resume, start);
                WalkApart(start);
                return false;
            }

            if (at == _text.Length)
            {
                Resume = Math.Min(Resume, start);
            }

            if (node != UnionAutomaton.Dead && at == _text.Length && automaton.IsOpen(node) && !isLast && start >= from)
            {
                Open = Math.Min(Open, start);
            }

            _judged?.Clear();
            for (var i = (_ends?.Count ?? 0) - 1; i >= 0; i--)
            {
                var (rule, end) = _ends![i];
                if (scanner._rules[rule].HasBefore)
                {
                    Resume = end >= from ? Math.Min(Resume, start) : Resume;
                    WalkValue(rule, end);
                }
                else if (Open > start && _judged?.Contains(rule) != true && Judge(rule, start, end))
                {
                    (_judged ??= []).Add(rule);
                }
            }

            return true;
        }

        /// <summary>The same, rule by rule.</summary>
        private void WalkApart(int start)
        {
            var isInside = IsInside(_text, start);
            for (var rule = 0; rule < scanner._rules.Length; rule++)
            {
                if (!scanner._rules[rule].HasBefore && (!isInside || scanner._rules[rule].IsAnywhere))
                {
                    WalkValue(rule, start);
                }
            }

            var ends = ArrayPool<int>.Shared.Rent(Ends(start));
            foreach (var (rule, automaton) in scanner._befores.Value)
            {
                AnchoredWalk.Run(automaton, _text, start, ends, out var count);
                for (var i = 0; i < count; i++)
                {
                    WalkValue(rule, ends[i]);
                }
            }

            ArrayPool<int>.Shared.Return(ends);
        }

        /// <summary>Where a value that begins at a position ends at the latest.</summary>
        private readonly int LastOf(int start) => (int)Math.Min((long)start + scanner._maxLength, _text.Length);

        /// <summary>How many matches can begin at a position, at most.</summary>
        private readonly int Ends(int start) => Math.Min(scanner._span, _text.Length - start + 2);

        /// <summary>A value of one rule.</summary>
        private void WalkValue(int number, int start)
        {
            var rule = scanner._rules[number];
            if (start < from || start >= before || start == _text.Length)
            {
                return;
            }

            var ends = ArrayPool<int>.Shared.Rent(Ends(start));
            if (AnchoredWalk.Run(rule.Value, _text[..LastOf(start)], start, ends, out var count) && LastOf(start) == _text.Length && !isLast)
            {
                Open = Math.Min(Open, start);
            }

            var isJudged = Open <= start;
            for (var i = count - 1; i >= 0 && !isJudged; i--)
            {
                isJudged = Judge(number, start, ends[i]);
            }

            ArrayPool<int>.Shared.Return(ends);
        }

        /// <summary>Keeps a match that passes, unless a longer one begins there.</summary>
        /// <returns>Whether it is the rule's match there, which passes or not; else a shorter one may be.</returns>
        private bool Judge(int number, int start, int end)
        {
            var rule = scanner._rules[number];
            if (end < _text.Length && rule.NotBehind.Contains(_text[end]))
            {
                return false;
            }

            var isWorse = start < from || start >= before || (_found is not null && _found.TryGetValue(start, out var other) && (other.End > end || (other.End == end && other.Rule <= number)));
            if (!isWorse && (start == 0 || !rule.NotBefore.Contains(_text[start - 1])) && rule.Accepts(_text, start, end))
            {
                (_found ??= [])[start] = (number, end);
            }

            return true;
        }
    }
}
