namespace Aegis.Media;

/// <summary>
/// Reads what is written or said in media: OCR, speech recognition, the text of a document. Thread-safe. An extractor that throws, or whose answer
/// does not come within the guard timeout, blocks what it was asked about; so does an answer that makes no sense. All of these are failures of the extractor, which <see cref="AegisGuard.Health"/> shows. Media that are broken are none: one that
/// finds them so throws <see cref="InvalidDataException"/>, <see cref="FormatException"/> or <see cref="EndOfStreamException"/>, which blocks and says nothing of the extractor.
/// It is run on a thread of the pool, so that it may block.
/// </summary>
public interface ITextExtractor
{
    /// <summary>Reads media. Its size, its type and its first bytes have been checked; of an address only its type.</summary>
    /// <param name="media">What to read.</param>
    /// <param name="cancellationToken">Cancels the reading; also set when nobody waits for it any more.</param>
    /// <returns>What was read. A model that sees the media, too, should not be able to read more in it.</returns>
    ValueTask<ExtractedText> ExtractAsync(MediaContent media, CancellationToken cancellationToken);
}
