namespace Aegis.Media;

/// <summary>What came of reading media.</summary>
/// <param name="MediaType">The type that the bytes have.</param>
/// <param name="Data">The bytes that were read, and that may go on.</param>
internal sealed record MediaReading(string MediaType, ReadOnlyMemory<byte> Data)
{
    /// <summary>Why it may not go on; null: nothing is wrong with the media itself.</summary>
    public Finding? Refusal { get; init; }

    /// <summary>What guards are to read: the text, a line for each piece of metadata, the file's name.</summary>
    public string Text { get; init; } = "";

    /// <summary>0 to 1: what may stand there that nobody has read.</summary>
    public double Risk { get; init; }

    /// <summary>Whether it is an address that nobody has read.</summary>
    public bool IsUnread { get; init; }

    /// <summary>An address that nobody has read.</summary>
    public static MediaReading Unread { get; } = new("", default) { IsUnread = true };

    public static MediaReading Refused(Finding refusal) => new("", default) { Refusal = refusal };

    /// <summary>Whether another try might end otherwise.</summary>
    public bool MayChange => Refusal is { IsFailure: true };
}
