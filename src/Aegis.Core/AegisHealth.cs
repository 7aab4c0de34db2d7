using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Policies;

namespace Aegis;

/// <summary>How a guard is. Holds names, numbers and times, and no text of users or models.</summary>
/// <param name="Mistakes">Why the policy that was loaded last is not at work; none: it is.</param>
/// <param name="Since">When that began, in UTC.</param>
public sealed record AegisHealth(IReadOnlyList<PolicyError> Mistakes, DateTimeOffset Since)
{
    /// <summary>Name of the policy at work.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Hash over everything that it says, as in events: all instances with the same policy have the same.</summary>
    public string PolicyHash { get; init; } = "";

    /// <summary>Whether it acts.</summary>
    public PolicyMode Mode { get; init; }

    /// <summary>How the audit log is.</summary>
    /// <value><see langword="null"/>: there is none.</value>
    public AuditHealth? Audit { get; init; }

    /// <summary>How alerts are.</summary>
    /// <value><see langword="null"/>: the policy has no rules for them.</value>
    public AlertHealth? Alerts { get; init; }

    /// <summary>Who did not answer, by rule, and whether that went on or was blocked.</summary>
    public IReadOnlyList<FailureCount> Failures { get; init; } = [];

    /// <summary>Sessions in which this instance has gone on without their store, and which are not booked there yet: <c>session.outage</c>.</summary>
    public int UnbookedSessions { get; init; }

    /// <summary>Events that a sink has refused, all sinks together.</summary>
    public long LostEvents { get; init; }

    /// <summary>Types of the sinks that refused the last event.</summary>
    public IReadOnlyList<string> FailingSinks { get; init; } = [];

    /// <summary>What does not work, a line for each thing; none: everything does.</summary>
    public IReadOnlyList<string> Reasons =>
    [
        .. Mistakes.Count > 0 ? [FormattableString.Invariant($"the policy has {Mistakes.Count} mistakes; '{Policy}' of before {Since:O} goes on")] : Array.Empty<string>(),
        .. Audit is { Failing: { } audit } ? [FormattableString.Invariant($"the audit log does not work: {audit} ({Audit.Dropped} records lost)")] : Array.Empty<string>(),
        .. Alerts is { Failing: { } alerts } ? [FormattableString.Invariant($"alerts do not arrive: {alerts} ({Alerts.Undelivered} not delivered)")] : Array.Empty<string>(),
        .. UnbookedSessions > 0 ? [FormattableString.Invariant($"the store of sessions is away: {UnbookedSessions} sessions go on without it")] : Array.Empty<string>(),
        .. Failures.Where(static failure => failure.IsRecent).Select(static failure => FormattableString.Invariant($"{failure.Rule}: nobody answered, and it {(failure.IsOpen ? "went on" : "was blocked")} ({failure.Count} times, last {failure.Last:O})")),
        .. FailingSinks.Select(static sink => $"the event sink {sink} does not take events"),
    ];

    /// <summary>
    /// Whether something does not work: a policy that was changed and has mistakes, the audit log, alerts, the store of sessions, a sink, or somebody who was to answer
    /// within the last five minutes and has not.
    /// </summary>
    public bool IsDegraded => Reasons.Count > 0;

    /// <summary>Healthy, or every reason on a line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => !IsDegraded ? "Healthy" : $"Degraded:{string.Concat(Reasons.Concat(Mistakes.Select(static mistake => mistake.ToString())).Select(static line => $"\n  {line}"))}";
}
