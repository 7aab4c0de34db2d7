namespace Aegis.Policies;

/// <summary>The text scanner.</summary>
public sealed record ScannerPolicy
{
    /// <summary>The risk from which a text is blocked; below it, it is flagged.</summary>
    /// <value><see cref="Sensitivity.Balanced"/>.</value>
    public Sensitivity Sensitivity { get; init; } = Sensitivity.Balanced;

    /// <summary>Whether the arguments of tool calls are scanned.</summary>
    /// <value><see langword="true"/>.</value>
    public bool ScanToolParams { get; init; } = true;

    /// <summary>What happens to a tool's result in which something is found at the block line.</summary>
    /// <value><see cref="ResultHandling.Block"/>.</value>
    public ResultHandling ToolResults { get; init; }

    /// <summary>Whether a learnt model reads what is typed, what tools return and what they say of themselves.</summary>
    /// <value><see langword="true"/>.</value>
    public bool Classifier { get; init; } = true;

    /// <summary>Whether noise of letters and signs is flagged, as optimisers make it. Hashes, identifiers, addresses and code are none.</summary>
    /// <value><see langword="true"/>.</value>
    public bool EntropyAnalysis { get; init; } = true;

    /// <summary>Whether words that mix look-alike scripts, and sentences that change between scripts, are flagged.</summary>
    /// <value><see langword="true"/>.</value>
    public bool LanguageDetection { get; init; } = true;

    /// <summary>Whether many made-up turns of a dialogue are flagged.</summary>
    /// <value><see langword="true"/>.</value>
    public bool ManyShotDetection { get; init; } = true;

    /// <summary>Whether stretches that read like no language and no code are flagged.</summary>
    /// <value><see langword="true"/>.</value>
    public bool PerplexityEstimation { get; init; } = true;

    /// <summary>Bits per character from which a stretch reads like nothing; from 1 to 16.</summary>
    /// <value>3.8.</value>
    public double PerplexityThreshold { get; init; } = 3.8;

    /// <summary>Patterns of your own, each with a risk of 0.5 (flagged) wherever text enters.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> CustomPatterns { get; init; } = [];

    /// <summary>Ids of rules that are not used: the way to allow a false alarm. An id that no pack has is an error.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> IgnoreRules { get; init; } = [];
}
