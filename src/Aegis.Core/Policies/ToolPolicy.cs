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

    /// <summary>The one server that the tool comes from: see <see cref="ToolInfo.Server"/>. From any other it is not offered, and a call to it is blocked with <c>tool/shadowed</c>.</summary>
    /// <value><see langword="null"/>: any, as long as one alone offers the name.</value>
    public string? Server { get; init; }

    internal const int DefaultMaxResult = 262_144;
}
