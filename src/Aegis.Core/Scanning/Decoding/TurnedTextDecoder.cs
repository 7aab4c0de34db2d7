namespace Aegis.Scanning.Decoding;

/// <summary>Text that was turned around, by ROT13 or backwards, around keywords of rules that stand in it.</summary>
/// <param name="keywords">Keywords in canonical form.</param>
internal sealed class TurnedTextDecoder(IEnumerable<string> keywords) : IDecoder
{
    private readonly TurnedKeywords _keywords = new(keywords);

    public void Decode(DecoderInput input)
    {
        var (rotated, reversed) = _keywords.PartsOf(input.Canonical.Text);
        if (rotated is not null)
        {
            Rotation.Decode(input, rotated);
        }

        if (reversed is not null)
        {
            Reversal.Decode(input, reversed);
        }
    }
}
