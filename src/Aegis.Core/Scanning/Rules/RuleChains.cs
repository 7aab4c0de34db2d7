using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>The texts of which every match of a rule has some: it is tried where they stand.</summary>
/// <param name="Exact">In texts as they are; none: it is always tried.</param>
/// <param name="Loose">In letters alone; null: it is never tried.</param>
internal sealed record RuleChains(IReadOnlyList<TextChain> Exact, IReadOnlyList<TextChain>? Loose)
{
    public static RuleChains Of(Rule rule) => new(ExactOf(rule), rule.Pattern.HasLoose ? LooseOf(rule) : null);

    /// <summary>Where rules can match in texts as they are, and in letters alone.</summary>
    public static (ChainIndex Exact, ChainIndex Loose) Indices(IReadOnlyList<Rule> rules)
    {
        RuleChains[] chains = [.. rules.AsParallel().AsOrdered().Select(Of)];
        return (ChainIndexBuilder.Build(rules, [.. chains.Select(static of => of.Exact)], isLoose: false), ChainIndexBuilder.Build(rules, [.. chains.Select(static of => of.Loose)], isLoose: true));
    }

    /// <summary>What the pattern itself says, else the rule's keywords.</summary>
    private static IReadOnlyList<TextChain> ExactOf(Rule rule) => RequiredTexts.Of(rule.Pattern.Root) switch
    {
        { Count: > 0 } chains => chains,
        _ when rule.Keywords.Count > 0 => [new([new([.. rule.Keywords.Select(static keyword => new RequiredText(keyword.Replace('\n', ' '), false, false))], rule.Pattern.Span, CharacterMask.All)], rule.Pattern.Span, CharacterMask.All)],
        var none => none,
    };

    /// <summary>The same in letters alone, or null. Links of words are best: other texts are odd wherever they stand.</summary>
    private static TextChain[]? LooseOf(Rule rule)
    {
        var chains = RequiredTexts.Of(rule.Pattern.Root, splitsWords: true);
        chains = chains.Count > 0 ? chains : [.. ExactOf(rule).Select(static chain => chain with { Links = [.. chain.Links.Select(static link => link with { Before = CharacterMask.All })] })];
        TextChain[] loose = [.. chains.Select(Fold)];
        return loose.Length > 0 && loose.All(static chain => chain.Links.Count > 0) ? loose : null;
    }

    private static HashSet<TextLink> Words(TextChain chain)
    {
        var words = chain.Links.Where(static link => link.Texts.All(static text => text.Text.All(static c => LooseLetters.Of(c) != '\0'))).ToHashSet();
        return words.Count > 0 ? words : [.. chain.Links.Where(static link => link.Texts.All(static text => LooseLetters.Fold(text.Text).Length > 1)).Take(1)];
    }

    private static TextChain Fold(TextChain chain)
    {
        var words = Words(chain);
        TextLink[] folded = [.. chain.Links.Select(Fold)];
        return (chain with { Links = folded }).Keep(link => words.Contains(chain.Links[Array.FindIndex(folded, other => ReferenceEquals(other, link))]));
    }

    private static TextLink Fold(TextLink link) => link with { Texts = [.. link.Texts.Select(static text => new RequiredText(LooseLetters.Fold(text.Text), false, false)).Distinct()] };
}
