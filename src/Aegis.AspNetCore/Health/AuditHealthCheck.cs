using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aegis.AspNetCore.Health;

/// <summary>Says whether an audit log that the policy requires works.</summary>
internal sealed class AuditHealthCheck(AegisGuard guard) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(guard.Health.Audit is { IsBlocking: true, Failing: var failing } ? new(context.Registration.FailureStatus, $"the policy requires the audit log, and it does not work: {failing}") : HealthCheckResult.Healthy());
}
