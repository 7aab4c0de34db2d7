using Aegis.Tools;

namespace Aegis.Policies;

/// <summary>What is known of a tool.</summary>
public sealed record ToolPolicy
{
    /// <summary>How much harm it can do.</summary>
    /// <value><see langword="null"/>: inferred from annotations, kind and name.</value>
    public ToolRisk? Risk { get; init; }

    /// <summary>Characters of a result, at most; a longer one is blocked.</summary>
    /// <value>262,144.</value>
    public int MaxResult { get; init; } = DefaultMaxResult;

    internal const int DefaultMaxResult = 262_144;
}
