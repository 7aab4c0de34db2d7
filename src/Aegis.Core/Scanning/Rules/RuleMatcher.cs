using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Tries a rule where texts stand in a row that each of its matches has. Linear: one pass for all of these texts, at most one automaton run
/// per rule and character.
/// </summary>
internal sealed class RuleMatcher : IRuleMatcher
{
    [ThreadStatic]
    private static List<(int Rule, int Start, int Length)>? _found;

    private readonly Rule[] _rules;
    private readonly RuleWindows _exact;
    private readonly RuleWindows _loose;

    public RuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        RuleChains[] chains = [.. _rules.AsParallel().AsOrdered().Select(static rule => rule.Chains ?? RuleChains.Of(rule))];
        var (exact, loose) = (default(RuleWindows), default(RuleWindows));
        Parallel.Invoke(
            () => exact = new(_rules, [.. chains.Select(static of => of.Exact)], Pattern.MaxSpan),
            () => loose = new(_rules, [.. chains.Select(static of => of.Loose)], Pattern.MaxLooseSpan));
        (_exact, _loose) = (exact!, loose!);
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var found = Begin();
        _exact.Find(text.Text, null, checkpoint, found);
        foreach (var (rule, start, length) in found)
        {
            hits.Add(new(_rules[rule], text.RangeOf(start, length)));
        }
    }

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var found = Begin();
        _loose.Find(text.Text, text, checkpoint, found);
        foreach (var (rule, start, length) in found)
        {
            hits.Add(new(_rules[rule], text.RangeOf(start, length)));
        }
    }

    /// <summary>The thread's list of matches, empty: what is found in a text is read before the next one.</summary>
    private static List<(int Rule, int Start, int Length)> Begin()
    {
        var found = _found ??= [];
        found.Clear();
        return found;
    }
}
