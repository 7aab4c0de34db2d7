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

    /// <summary>Patterns of your own, each with a risk of 0.5 (flagged) wherever text enters.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> CustomPatterns { get; init; } = [];

    /// <summary>Ids of rules that are not used: the way to allow a false alarm. An id that no pack has is an error.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> IgnoreRules { get; init; } = [];
}
