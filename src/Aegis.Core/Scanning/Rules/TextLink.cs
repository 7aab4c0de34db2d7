namespace Aegis.Scanning.Rules;

/// <summary>One of some texts, which stands in every match of a pattern.</summary>
/// <param name="Texts">The texts.</param>
/// <param name="Gap">The most characters from where the text of the link before ends, or the match begins, to where this one ends.</param>
internal sealed record TextLink(IReadOnlyList<RequiredText> Texts, int Gap)
{
    /// <summary>How rarely one of the texts stands somewhere by chance, in bits.</summary>
    public double Worth => WorthOf(Texts);

    public static double WorthOf(IEnumerable<RequiredText> texts) => -Math.Log2(texts.Sum(static text => Math.Pow(2, -text.Weight)));
}
