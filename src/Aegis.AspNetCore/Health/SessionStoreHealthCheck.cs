using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aegis.AspNetCore.Health;

/// <summary>Says whether sessions can be read.</summary>
internal sealed class SessionStoreHealthCheck(AegisGuard guard, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly SessionId Nobody = new("aegis-health");   // is read, never written

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await guard.Sessions.GetAsync(Nobody, cancellationToken).AsTask().WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new(context.Registration.FailureStatus, $"sessions cannot be read: {e.GetType().Name}");   // messages of stores name hosts and users
        }
    }
}
