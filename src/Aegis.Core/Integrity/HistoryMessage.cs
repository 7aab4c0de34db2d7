namespace Aegis.Integrity;

/// <summary>A message of a conversation, as far as its signature goes.</summary>
/// <param name="Speaker">Who says it.</param>
/// <param name="Digest">The SHA-256 of all of it; empty: it cannot be written down, and nothing behind it can be verified.</param>
/// <param name="Parts">Its parts, in their order.</param>
internal sealed record HistoryMessage(HistorySpeaker Speaker, ReadOnlyMemory<byte> Digest, IReadOnlyList<HistoryPart> Parts)
{
    /// <summary>Whether it says nothing, so that no model reads it.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>The signature that hangs on it.</summary>
    public string? Signature { get; init; }

    /// <summary>Whether it is nothing but calls that this process has seen the model make in this session.</summary>
    public bool IsOwn { get; init; }
}
