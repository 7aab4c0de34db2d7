using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Decoding;

/// <summary>A text that may hold encoded ones, and what was found in it. What is decoded costs of a budget that all texts of one scan share.</summary>
internal sealed class DecoderInput(string original, CanonicalText canonical, DecodedText? outer, DecodingBudget budget)
{
    private readonly FoldedText _folded = FoldedText.Of(original);

    /// <summary>The text as it stands.</summary>
    public string Original => original;

    /// <summary>The text without what hides encodings in it.</summary>
    public string Text => _folded.Text;

    public CanonicalText Canonical => canonical;

    public List<DecodedText> Found { get; } = [];

    /// <summary>What is decoded must be paid for.</summary>
    public DecodingBudget Budget => budget;

    /// <summary>Adds what a range of <see cref="Text"/> spells.</summary>
    public void Add(string decoded, string encoding, TextRange whole) => AddOriginal(decoded, encoding, _folded.RangeOf(whole));

    /// <summary>Adds what <see cref="Text"/> spells, each character with its place there.</summary>
    public void Add(string decoded, string encoding, TextRange[] places) => AddOriginal(decoded, encoding, Array.ConvertAll(places, _folded.RangeOf));

    /// <summary>Adds what a range of <see cref="Original"/> spells.</summary>
    public void AddOriginal(string decoded, string encoding, TextRange whole) => Found.Add(DecodedText.Whole(decoded, encoding, outer, whole));

    /// <summary>Adds what <see cref="Original"/> spells, each character with its place there.</summary>
    public void AddOriginal(string decoded, string encoding, TextRange[] places) => Found.Add(DecodedText.Placed(decoded, encoding, outer, places));
}
