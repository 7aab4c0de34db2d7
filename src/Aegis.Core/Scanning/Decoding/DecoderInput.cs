using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Decoding;

/// <summary>A text that may hold encoded ones, and what was found in it. What is decoded costs of a budget that all texts of one scan share.</summary>
/// <param name="budget">What is decoded must be paid for.</param>
internal sealed class DecoderInput(DecodingBudget budget)
{
    private FoldedText _folded;
    private DecodedText? _outer;

    /// <summary>The text as it stands.</summary>
    public string Original { get; private set; } = "";

    /// <summary>The text without what hides encodings in it.</summary>
    public string Text => _folded.Text;

    public CanonicalText Canonical { get; private set; } = null!;   // until it begins

    /// <summary>What was found; null: nothing.</summary>
    public List<DecodedText>? Found { get; private set; }

    /// <summary>What is decoded must be paid for.</summary>
    public DecodingBudget Budget => budget;

    /// <summary>Takes in a text.</summary>
    /// <param name="original">The text as it stands.</param>
    /// <param name="canonical">Its canonical form, which must live as long as it is read.</param>
    /// <param name="outer">What it was decoded from; null: nothing.</param>
    public void Begin(string original, CanonicalText canonical, DecodedText? outer) => (Original, Canonical, _outer, _folded, Found) = (original, canonical, outer, FoldedText.Of(original), null);

    /// <summary>Forgets the text.</summary>
    public void Clear() => (Original, _outer, _folded, Found) = ("", null, default, null);

    /// <summary>Adds what a range of <see cref="Text"/> spells.</summary>
    public void Add(string decoded, string encoding, TextRange whole) => AddOriginal(decoded, encoding, _folded.RangeOf(whole));

    /// <summary>Adds what <see cref="Text"/> spells, each character with its place there.</summary>
    public void Add(string decoded, string encoding, TextRange[] places) => AddOriginal(decoded, encoding, Array.ConvertAll(places, _folded.RangeOf));

    /// <summary>Adds what a range of <see cref="Original"/> spells.</summary>
    public void AddOriginal(string decoded, string encoding, TextRange whole) => (Found ??= []).Add(DecodedText.Whole(decoded, encoding, _outer, whole));

    /// <summary>Adds what <see cref="Original"/> spells, each character with its place there.</summary>
    public void AddOriginal(string decoded, string encoding, TextRange[] places) => (Found ??= []).Add(DecodedText.Placed(decoded, encoding, _outer, places));
}
