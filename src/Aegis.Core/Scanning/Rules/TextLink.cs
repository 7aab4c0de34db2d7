namespace Aegis.Scanning.Rules;

/// <summary>One of some texts, which stands in every match of a pattern.</summary>
/// <param name="Texts">The texts.</param>
/// <param name="Gap">The most characters from where the text of the link before ends, or the match begins, to where this one ends.</param>
/// <param name="Before">Which characters may stand between the two texts, or before the first.</param>
internal sealed record TextLink(IReadOnlyList<RequiredText> Texts, int Gap, CharacterMask Before)
{
    /// <summary>The characters of its texts.</summary>
    public CharacterMask Characters => Texts.Aggregate(default(CharacterMask), static (mask, text) => mask | CharacterMask.Of(text.Text));

    /// <summary>How rarely one of the texts stands somewhere by chance, in bits.</summary>
    public double Worth => WorthOf(Texts);

    /// <summary>Of a first link: the most characters of a match before its text.</summary>
    public int Lead => Gap - Texts.Min(static text => text.Text.Length);

    public static double WorthOf(IEnumerable<RequiredText> texts) => -Math.Log2(texts.Sum(static text => Math.Pow(2, -text.Weight)));
}
