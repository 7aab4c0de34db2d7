using Aegis.Policies;
using Aegis.Tools.Arguments;
using Aegis.Tools.Effects;

namespace Aegis.Tools;

/// <summary>All that the policy says of one tool name.</summary>
/// <param name="Name">The name in its comparable forms.</param>
/// <param name="Capability">Allow, Ask or Block.</param>
/// <param name="Finding">What is found when it is called; null when it is allowed.</param>
/// <param name="Declared">Its entry under <c>tools</c>, or null.</param>
/// <param name="Spends">What a call spends in the session's windows.</param>
/// <param name="IsNamed">Whether the policy names it without a wildcard, so that it is known even when nobody says which tools there are.</param>
/// <param name="Origin">What the policy says of what it returns.</param>
internal sealed record CompiledTool(ToolName Name, Decision Capability, Finding? Finding, ToolPolicy? Declared, Spend[] Spends, bool IsNamed, ToolOrigin Origin)
{
    /// <summary>What must hold for its arguments: the rules of its entry, and of that of its local name.</summary>
    public IReadOnlyList<ArgumentRules> Arguments { get; init; } = [];

    /// <summary>Where its arguments may come from.</summary>
    public IEnumerable<SourceRule> Sources => Arguments.SelectMany(static rules => rules.Sources);

    /// <summary>In which of its arguments personal data may stand; null: in none. A permission: only the entry of its whole name counts.</summary>
    public RestoreRules? Restores { get; init; }

    /// <summary>The data that takes the place of a result, as its entry or that of its local name says; null: none does.</summary>
    public ExtractionSchema? Extracts { get; init; }

    /// <summary>Whether it takes the place of every result.</summary>
    public bool AlwaysExtracts { get; init; }

    private ToolEffect? _effect;

    /// <summary>What it does, as far as the name alone shows it.</summary>
    public ToolEffect Effect => _effect ??= ToolEffectInference.Default.Of(new ToolInfo(Written));

    /// <summary>The name as it was written: capitals tell its words apart.</summary>
    public string Written { get; init; } = "";

    /// <summary>Characters of a result, at most.</summary>
    public int MaxResult => Declared?.MaxResult ?? ToolPolicy.DefaultMaxResult;
}
