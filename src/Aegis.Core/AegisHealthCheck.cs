using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aegis;

/// <summary>
/// Says that something of a guard does not work: everything that <see cref="AegisHealth.IsDegraded"/> names, with the numbers as data. Unhealthy where nothing that is
/// to be recorded passes, because the policy requires an audit log that does not work; else Degraded:
/// <c>services.AddHealthChecks().AddCheck&lt;AegisHealthCheck&gt;("aegis")</c>.
/// </summary>
/// <param name="guard">The guard.</param>
public sealed class AegisHealthCheck(AegisGuard guard) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = guard.Health;
        var data = DataOf(health);
        var reasons = string.Join("; ", health.Reasons);
        return Task.FromResult(health.Audit is { IsBlocking: true } ? HealthCheckResult.Unhealthy(reasons, data: data)
            : health.IsDegraded ? HealthCheckResult.Degraded(reasons, data: data)
            : HealthCheckResult.Healthy(data: data));
    }

    private static Dictionary<string, object> DataOf(AegisHealth health)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["policy.name"] = health.Policy,
            ["policy.hash"] = health.PolicyHash,
            ["policy.mode"] = health.Mode.ToString(),
            ["policy.mistakes"] = health.Mistakes.Select(static mistake => mistake.ToString()).ToArray(),
            ["sessions.unbooked"] = health.UnbookedSessions,
            ["events.lost"] = health.LostEvents,
        };
        if (health.Audit is { } audit)
        {
            (data["audit.written"], data["audit.waiting"], data["audit.dropped"], data["audit.spilled"], data["audit.failures"]) = (audit.Written, audit.Waiting, audit.Dropped, audit.Spilled, audit.Failures);
        }

        if (health.Alerts is { } alerts)
        {
            (data["alerts.undelivered"], data["alerts.waiting"], data["alerts.dropped"], data["alerts.countedAlone"], data["alerts.forgotten"]) = (alerts.Undelivered, alerts.Waiting, alerts.Dropped, alerts.CountedAlone, alerts.Forgotten);
        }

        foreach (var failure in health.Failures)
        {
            data[$"{(failure.IsOpen ? "open" : "blocked")}.{failure.Rule}"] = failure.Count;
        }

        return data;
    }
}
