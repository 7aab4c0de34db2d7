using System.Runtime.CompilerServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aegis.AspNetCore.Health;

/// <summary>Says whether sessions can be read. Where the policy lets instances go on without the store (<c>session.outage</c>), one that cannot be read is no reason to take them all away.</summary>
internal sealed class SessionStoreHealthCheck(AegisGuard guard, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly ConditionalWeakTable<AegisGuard, SessionStoreProbe> Probes = [];

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await Probes.GetValue(guard, static guard => new(guard)).AskAsync(time).WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var isBridged = guard.Policy.Session.Outage is not null && context.Registration.FailureStatus == HealthStatus.Unhealthy;
            return new(isBridged ? HealthStatus.Degraded : context.Registration.FailureStatus, $"sessions cannot be read: {e.GetType().Name}");   // messages of stores name hosts and users
        }
    }
}
