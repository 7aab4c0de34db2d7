using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aegis;

/// <summary>Says that a guard works with an older policy because the new one has mistakes, or that its audit log does not work: <c>services.AddHealthChecks().AddCheck&lt;AegisHealthCheck&gt;("aegis")</c>.</summary>
/// <param name="guard">The guard.</param>
public sealed class AegisHealthCheck(AegisGuard guard) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = guard.Health;
        return Task.FromResult(health is { Mistakes.Count: 0, Audit: { Failing: { } failing } audit }
            ? HealthCheckResult.Degraded(FormattableString.Invariant($"the audit log does not work: {failing}"), data: new Dictionary<string, object> { ["written"] = audit.Written, ["dropped"] = audit.Dropped, ["spilled"] = audit.Spilled, ["failures"] = audit.Failures })
            : health.IsDegraded
            ? HealthCheckResult.Degraded(FormattableString.Invariant($"the policy has {health.Mistakes.Count} mistakes; '{guard.Policy.Name}' of before {health.Since:O} goes on"), data: health.Mistakes.Index().ToDictionary(static mistake => FormattableString.Invariant($"{mistake.Index}"), static mistake => (object)mistake.Item.ToString()))
            : HealthCheckResult.Healthy());
    }
}
