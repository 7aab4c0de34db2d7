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

    /// <summary>Whether it hands something out or changes something, so that the origin of its arguments counts.</summary>
    /// <value><see langword="null"/>: inferred from name, description, schema and annotations.</value>
    public bool? Sink { get; init; }

    /// <summary>Who writes what it returns.</summary>
    /// <value><see cref="ToolOutput.Untrusted"/>.</value>
    public ToolOutput Output { get; init; }

    /// <summary>Whom what it returns is for.</summary>
    /// <value><see langword="null"/>: inferred from name and description.</value>
    public Confidentiality? Confidentiality { get; init; }

    /// <summary>What must hold for its arguments, by path: a name (case does not count), dotted for nested members, <c>*</c> for every member or item at its level; a dot or a star of a name behind <c>\</c>.</summary>
    /// <value>Nothing.</value>
    public IReadOnlyDictionary<string, ArgumentPolicy> Arguments { get; init; } = new Dictionary<string, ArgumentPolicy>();

    /// <summary>What happens to arguments that no rule names.</summary>
    /// <value><see cref="AdditionalArguments.Allow"/>.</value>
    public AdditionalArguments AdditionalArguments { get; init; }

    /// <summary>The data that takes a result's place, by name (case counts), where <see cref="AegisPolicy.Sandbox"/> says when.</summary>
    /// <value>Nothing: results are not replaced.</value>
    public IReadOnlyDictionary<string, FieldPolicy> Extract { get; init; } = new Dictionary<string, FieldPolicy>();

    /// <summary>Which results are replaced.</summary>
    /// <value><see cref="Policies.ExtractWhen.Risky"/>.</value>
    public ExtractWhen ExtractWhen { get; init; }

    /// <summary>The one server that the tool comes from: see <see cref="ToolInfo.Server"/>. From any other it is not offered, and a call to it is blocked with <c>tool/shadowed</c>.</summary>
    /// <value><see langword="null"/>: any, as long as one alone offers the name.</value>
    public string? Server { get; init; }

    internal const int DefaultMaxResult = 262_144;
}
