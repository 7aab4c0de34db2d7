namespace Aegis.Media;

/// <summary>What an <see cref="ITextExtractor"/> has read. All of it is untrusted text.</summary>
/// <param name="Text">What is written or said in the media, whole. Empty when there is nothing to read.</param>
/// <param name="Confidence">How sure the reader is that this is all, and right: 0 (not at all) to 1. A picture in which nothing is written, for certain, has an empty text and a high confidence.</param>
public sealed record ExtractedText(string Text, double Confidence)
{
    /// <summary>Texts that hang on the media, by name: author, title, comment, place.</summary>
    /// <value>None.</value>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>The bytes that were read from an address. They are sent to the model in its place, so that nobody can show it something else later.</summary>
    /// <value><see langword="null"/>: the address was not read, and is what <c>input.unknownContent</c> says. Where the bytes stood in the conversation it has no effect.</value>
    public ReadOnlyMemory<byte>? Data { get; init; }
}
