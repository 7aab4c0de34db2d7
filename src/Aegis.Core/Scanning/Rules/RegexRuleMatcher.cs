using System.Buffers;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>A rule is tried when one of its keywords stands in the text. Linear: one vectorised search per keyword, one automaton run per rule that is tried.</summary>
internal sealed class RegexRuleMatcher : IRuleMatcher
{
    private readonly Rule[] _rules;
    private readonly SearchValues<string>[] _keywords;

    public RegexRuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        _keywords = Array.ConvertAll(_rules, static rule => SearchValues.Create([.. rule.Keywords], StringComparison.Ordinal));
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        for (var i = 0; i < _rules.Length; i++)
        {
            var rule = _rules[i];
            if (rule.RunsAt(checkpoint)
                && (rule.Keywords.Count == 0 || text.Text.ContainsAny(_keywords[i]))
                && rule.Pattern.Find(text.Text) is var (start, length))
            {
                hits.Add(new(rule, text.RangeOf(start, length)));
            }
        }
    }
}
