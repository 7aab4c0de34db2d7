using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Tries a rule where texts stand in a row that each of its matches has. Linear: one pass for all of these texts, at most one automaton run
/// per rule and character.
/// </summary>
internal sealed class RuleMatcher : IRuleMatcher
{
    private readonly Rule[] _rules;
    private readonly RuleWindows _exact;
    private readonly RuleWindows _loose;

    public RuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        var (exact, loose) = (default(RuleWindows), default(RuleWindows));
        Parallel.Invoke(
            () => exact = new(_rules, [.. _rules.Select(Chains)], Pattern.MaxSpan),
            () => loose = new(_rules, [.. _rules.Select(static rule => rule.Pattern.HasLoose ? LooseChains(rule) : null)], Pattern.MaxLooseSpan));
        (_exact, _loose) = (exact!, loose!);
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits) => Keep(_exact.Find(text.Text, null, checkpoint), text.RangeOf, hits);

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits) => Keep(_loose.Find(text.Text, text, checkpoint), text.RangeOf, hits);

    /// <summary>The chains that stand in matches: what the pattern itself says, else the rule's keywords.</summary>
    private static IReadOnlyList<TextChain> Chains(Rule rule) => RequiredTexts.Of(rule.Pattern.Root) switch
    {
        { Count: > 0 } chains => chains,
        _ when rule.Keywords.Count > 0 => [new([new([.. rule.Keywords.Select(static keyword => new RequiredText(keyword.Replace('\n', ' '), false, false))], rule.Pattern.Span)], rule.Pattern.Span)],
        var none => none,
    };

    /// <summary>The same in letters alone, or null. Links of words are best: other texts are odd wherever they stand.</summary>
    private static IReadOnlyList<TextChain>? LooseChains(Rule rule)
    {
        var chains = RequiredTexts.Of(rule.Pattern.Root, splitsWords: true);
        chains = chains.Count > 0 ? chains : Chains(rule);
        TextChain[] loose = [.. chains.Select(static chain => chain.Keep(Words(chain).Contains))];
        return loose.Length > 0 && loose.All(static chain => chain.Links.Count > 0) ? [.. loose.Select(Fold)] : null;
    }

    private static HashSet<TextLink> Words(TextChain chain)
    {
        var words = chain.Links.Where(static link => link.Texts.All(static text => text.Text.All(static c => LooseLetters.Of(c) != '\0'))).ToHashSet();
        return words.Count > 0 ? words : [.. chain.Links.Where(static link => link.Texts.All(static text => LooseLetters.Fold(text.Text).Length > 1)).Take(1)];
    }

    private static TextChain Fold(TextChain chain) =>
        chain with { Links = [.. chain.Links.Select(static link => new TextLink([.. link.Texts.Select(static text => new RequiredText(LooseLetters.Fold(text.Text), false, false)).Distinct()], link.Gap))] };

    private void Keep(List<(int Rule, int Start, int Length)> found, Func<int, int, TextRange> rangeOf, List<RuleHit> hits)
    {
        found.Sort();
        foreach (var (rule, start, length) in found)
        {
            hits.Add(new(_rules[rule], rangeOf(start, length)));
        }
    }
}
