namespace Aegis.Scanning.Decoding;

/// <summary>All ways of writing a text as another that are read.</summary>
internal static class Decoders
{
    /// <param name="keywords">Keywords of the rules: what a text is turned around for.</param>
    public static IReadOnlyList<IDecoder> For(IReadOnlyCollection<string> keywords) =>
    [
        new EscapeDecoder(),
        new Base64Decoder(),
        new DigitDecoder(),
        new Base32Decoder(),
        new Ascii85Decoder(),
        new MorseDecoder(),
        new HiddenByteDecoder(),
        new JoinedTextDecoder(),
        new TurnedTextDecoder(keywords),
    ];
}
