using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>A rule is tried when one of its keywords stands in the text. Linear: one pass for all keywords, one automaton run per rule that is tried.</summary>
internal sealed class RegexRuleMatcher : IRuleMatcher
{
    private readonly Rule[] _rules;
    private readonly KeywordIndex _exact;
    private readonly KeywordIndex _loose;

    public RegexRuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        _exact = new(_rules.Select(static rule => rule.Keywords), isAlwaysTried: true);
        _loose = new(_rules.Select(static rule => rule.Keywords.Select(LooseLetters.Fold)), isAlwaysTried: false);
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        using var possible = _exact.In(text.Text);
        for (var i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].RunsAt(checkpoint) && possible.Has(i) && _rules[i].Pattern.Find(text.Text) is var (start, length))
            {
                hits.Add(new(_rules[i], text.RangeOf(start, length)));
            }
        }
    }

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        using var possible = _loose.In(text.Text);
        for (var i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].RunsAt(checkpoint) && possible.Has(i) && _rules[i].Pattern.FindLoose(text.Text) is var (start, length))
            {
                hits.Add(new(_rules[i], text.RangeOf(start, length)));
            }
        }
    }
}
