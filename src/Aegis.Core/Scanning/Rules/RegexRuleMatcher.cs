using System.Buffers;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>A rule is tried around its keywords. Linear: one pass for all keywords, at most one automaton run per rule and character.</summary>
internal sealed class RegexRuleMatcher : IRuleMatcher
{
    private readonly Rule[] _rules;
    private readonly KeywordWindows _exact;
    private readonly KeywordWindows _loose;

    public RegexRuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        int[] spans = [.. _rules.Select(static rule => rule.Pattern.Span)];
        _exact = new([.. _rules.Select(static rule => rule.Keywords)], spans, triesOthers: true);
        _loose = new([.. _rules.Select(static rule => rule.Keywords.Select(LooseLetters.Fold).Where(static keyword => keyword.Length > 0).ToArray())], spans, triesOthers: false);
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits) =>
        Match(_exact, text.Text, checkpoint, null, (rule, from, to) => _rules[rule].Pattern.Find(text.Text[from..to]) is var (start, length) ? (start + from, length) : null, text.RangeOf, hits);

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits) =>
        Match(_loose, text.Text, checkpoint, text.IsOdd, (rule, from, to) => _rules[rule].Pattern.FindLoose(text, from, to), text.RangeOf, hits);

    private void Match(KeywordWindows windows, ReadOnlySpan<char> text, Checkpoint checkpoint, KeywordWindows.KeywordFilter? counts, KeywordWindows.PartFinder find, Func<int, int, TextRange> rangeOf, List<RuleHit> hits)
    {
        var found = ArrayPool<(int Start, int Length)>.Shared.Rent(_rules.Length);
        windows.Find(text, rule => _rules[rule].RunsAt(checkpoint), counts, find, found.AsSpan(0, _rules.Length));
        for (var i = 0; i < _rules.Length; i++)
        {
            if (found[i].Length > 0)
            {
                hits.Add(new(_rules[i], rangeOf(found[i].Start, found[i].Length)));
            }
        }

        ArrayPool<(int Start, int Length)>.Shared.Return(found);
    }
}
