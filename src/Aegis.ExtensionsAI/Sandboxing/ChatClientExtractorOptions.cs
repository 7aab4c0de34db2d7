namespace Aegis;

/// <summary>How a <see cref="ChatClientExtractor"/> asks.</summary>
public sealed record ChatClientExtractorOptions : ChatClientCallOptions
{
    /// <summary>As it asks unless said otherwise.</summary>
    public ChatClientExtractorOptions()
        : base(2_000)
    {
    }
}
