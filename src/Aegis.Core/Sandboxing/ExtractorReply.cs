namespace Aegis;

/// <summary>What an extractor says.</summary>
/// <param name="json">The data: one JSON object that fits the schema, and nothing else.</param>
public sealed class ExtractorReply(string json)
{
    /// <summary>The data.</summary>
    public string Json { get; } = json ?? throw new ArgumentNullException(nameof(json));

    /// <summary>What it cost.</summary>
    /// <value>Nothing: what was reserved stays spent.</value>
    public TokenUsage Usage { get; init; }
}
