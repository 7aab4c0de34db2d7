namespace Aegis.Media;

/// <summary>A picture, a recording or a document that stands in a conversation, or the address of one. Immutable.</summary>
public sealed class MediaContent
{
    /// <summary>Media whose bytes stand in the conversation.</summary>
    /// <param name="data">The bytes, decoded.</param>
    /// <param name="mediaType">The type that whoever sent them says, for example <c>image/png</c>. <c>image/*</c>: some kind of image.</param>
    public MediaContent(ReadOnlyMemory<byte> data, string mediaType) => (Data, MediaType) = (data, mediaType ?? throw new ArgumentNullException(nameof(mediaType)));

    /// <summary>Media of which only the address stands in the conversation.</summary>
    /// <param name="uri">The address. Whoever reads it decides whether it may be read.</param>
    /// <param name="mediaType">The type that whoever sent it says.</param>
    public MediaContent(Uri uri, string mediaType) => (Uri, MediaType) = (uri ?? throw new ArgumentNullException(nameof(uri)), mediaType ?? throw new ArgumentNullException(nameof(mediaType)));

    /// <summary>The bytes; none when there is an address.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The address.</summary>
    /// <value><see langword="null"/>: the bytes are here.</value>
    public Uri? Uri { get; }

    /// <summary>The type as it was declared.</summary>
    public string MediaType { get; }

    /// <summary>The file's name, as it was declared. It is read as text by the guards.</summary>
    /// <value><see langword="null"/>: it has none.</value>
    public string? Name { get; init; }
}
