namespace Aegis;

/// <summary>One reason for a verdict. It never carries user or model text.</summary>
/// <param name="Rule">Id of the rule, for example <c>budget/steps</c>.</param>
/// <param name="Decision">What the rule wants.</param>
/// <param name="Risk">0 (harmless) to 1 (an attack for certain).</param>
public sealed record Finding(string Rule, Decision Decision, double Risk = 0)
{
    /// <summary>Where in the original text.</summary>
    /// <value><see langword="null"/>: the finding is about the whole subject.</value>
    public TextRange? Range { get; init; }

    /// <summary>Facts of the policy behind the finding: a limit, a tool's name, a way out.</summary>
    public string? Detail { get; init; }

    /// <summary>The kind of threat, for example <c>instruction-override</c>.</summary>
    public string? Category { get; init; }

    /// <summary>OWASP LLM and Agentic ids, for example <c>LLM01:2025</c>.</summary>
    public IReadOnlyList<string> Owasp { get; init; } = [];

    /// <summary>MITRE ATLAS ids, for example <c>AML.T0051.000</c>.</summary>
    public IReadOnlyList<string> Atlas { get; init; } = [];

    /// <summary>What it means for the run.</summary>
    internal RunEnd Ends { get; init; }

    /// <summary>What stands in place of the range where it is redacted.</summary>
    internal string Replacement { get; init; } = Redaction.Placeholder;

    /// <summary>The type of the placeholder behind which the value in the range can come back; null: it cannot, or has one already.</summary>
    internal string? Type { get; init; }

    /// <summary>Whether what stands in place of the range stands for exactly it.</summary>
    internal bool IsReversible { get; init; }

    /// <summary>Whether it begins in what came before the text, so that the text alone does not show it.</summary>
    internal bool IsJoint { get; init; }

    /// <summary>Whether a guard of the app's own has found it.</summary>
    internal bool IsCustom { get; init; }

    /// <summary>Whether it says that somebody who was to answer has not: where that goes on all the same, something has failed open.</summary>
    internal bool IsFailure { get; init; }

    internal static Finding Block(string rule, string? detail = null) => new(rule, Decision.Block, 1) { Detail = detail };

    /// <summary>Somebody who was to answer has not.</summary>
    internal static Finding Failed(string rule, string? detail = null) => new(rule, Decision.Block, 1) { Detail = detail, IsFailure = true };
}
