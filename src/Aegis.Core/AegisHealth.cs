using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Policies;

namespace Aegis;

/// <summary>How a guard is.</summary>
/// <param name="Mistakes">Why the policy that was loaded last is not at work; none: it is.</param>
/// <param name="Since">When that began, in UTC.</param>
public sealed record AegisHealth(IReadOnlyList<PolicyError> Mistakes, DateTimeOffset Since)
{
    /// <summary>How the audit log is.</summary>
    /// <value><see langword="null"/>: there is none.</value>
    public AuditHealth? Audit { get; init; }

    /// <summary>How alerts are.</summary>
    /// <value><see langword="null"/>: the policy has no rules for them.</value>
    public AlertHealth? Alerts { get; init; }

    /// <summary>Whether the guard works with an older policy than the one that was loaded last, or its audit log does not work.</summary>
    public bool IsDegraded => Mistakes.Count > 0 || Audit is { IsDegraded: true };

    /// <summary>Healthy, or every mistake on a line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => !IsDegraded ? "Healthy"
        : $"Degraded{(Mistakes.Count > 0 ? $" since {Since:O}" : "")}:{string.Concat(Mistakes.Select(static mistake => $"\n  {mistake}"))}{(Audit is { Failing: { } failing } audit ? FormattableString.Invariant($"\n  the audit log does not work: {failing} ({audit.Dropped} records lost)") : "")}";
}
