namespace Aegis.Policies;

/// <summary>What may leave. Streams hold back as many characters as the longest pattern can span, less one.</summary>
public sealed record OutputPolicy
{
    /// <summary>Characters of one response, at most; the rest is not shown.</summary>
    /// <value>16,000.</value>
    public int MaxLength { get; init; } = 16_000;

    /// <summary>Patterns that end the response before they are shown.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> BlockPatterns { get; init; } = [];

    /// <summary>Patterns that are replaced by <c>[REDACTED]</c>.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> RedactPatterns { get; init; } = [];
}
