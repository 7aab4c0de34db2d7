namespace Aegis.Policies;

/// <summary>What may leave. Streams hold back what can still become part of a finding; with patterns of the policy, as many characters as the longest can span, less one.</summary>
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

    /// <summary>Whether personal data (addresses, numbers of cards, accounts, people and devices, each proved by its checksum or its surroundings) is looked for. What happens to it says <see cref="DataFlowPolicy.PiiHandling"/>.</summary>
    /// <value><see langword="true"/>.</value>
    public bool DetectPII { get; init; } = true;

    /// <summary>Whether secrets are looked for: keys and tokens of providers, private keys, passwords in connection strings and assignments.</summary>
    /// <value><see langword="true"/>.</value>
    public bool DetectSecrets { get; init; } = true;

    /// <summary>Whether a secret ends the response before it is shown; else a placeholder stands in its place, but for one too long to be seen whole, which ends it too.</summary>
    /// <value><see langword="true"/>.</value>
    public bool BlockOnLeak { get; init; } = true;
}
