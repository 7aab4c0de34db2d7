using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Decoding;

/// <summary>A text that may hold encoded ones, and what was found in it. What is decoded costs of a budget that all texts of one scan share.</summary>
internal sealed class DecoderInput(string text, CanonicalText canonical, DecodedText? outer, DecodingBudget budget)
{
    public string Text => text;

    public CanonicalText Canonical => canonical;

    public List<DecodedText> Found { get; } = [];

    /// <summary>What is decoded must be paid for.</summary>
    public DecodingBudget Budget => budget;

    public void Add(string decoded, string encoding, TextRange whole) => Found.Add(DecodedText.Whole(decoded, encoding, outer, whole));

    public void Add(string decoded, string encoding, TextRange[] places) => Found.Add(DecodedText.Placed(decoded, encoding, outer, places));
}
