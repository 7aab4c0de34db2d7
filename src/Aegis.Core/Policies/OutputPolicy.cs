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

    /// <summary>Whether the tokens of <see cref="AegisPolicy.CanaryTokens"/> are looked for, in answers and in the arguments of calls: as they are, spaced, reversed, encoded, in pieces.</summary>
    /// <value><see langword="true"/>.</value>
    public bool DetectCanary { get; init; } = true;

    /// <summary>Whether long stretches of the instructions (the options' instructions and the host's system messages) end the response: twenty-four of their words in one go, of short ones seventy per cent, also with a few of them changed.</summary>
    /// <value><see langword="true"/>.</value>
    public bool DetectPromptLeakage { get; init; } = true;

    /// <summary>Whether addresses that would carry something away are taken out of Markdown and HTML: of images and what else is fetched as soon as it is shown, of links that are made to say something, and of whatever runs.</summary>
    /// <value><see langword="true"/>.</value>
    public bool SanitizeMarkdown { get; init; } = true;

    /// <summary>Globs over hosts to which images and links may always lead, for example <c>*.example.com</c>, which is not <c>example.com</c> itself.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Whether what is meant for whoever reads the response next is taken out of it.</summary>
    /// <value><see langword="true"/>.</value>
    public bool DetectInjectionPayloads { get; init; } = true;

    /// <summary>What that is. Scripts and SQL in code are left alone, instructions there and in quotes only flagged.</summary>
    /// <value><see cref="PayloadKind.Instructions"/>.</value>
    public IReadOnlyList<PayloadKind> Payloads { get; init; } = [PayloadKind.Instructions];

    /// <summary>Whether what would be taken out of a response blocks it.</summary>
    internal bool BlocksFindings { get; init; }

    /// <summary>When a response is shown.</summary>
    /// <value><see cref="OutputDelivery.HoldBack"/>.</value>
    public OutputDelivery Delivery { get; init; }
}
