using Aegis;
using Aegis.AspNetCore.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks for guards.</summary>
public static class AegisHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds three checks. <c>aegis</c>: Degraded while something of the guard does not work (<see cref="AegisHealth.IsDegraded"/>), with its numbers as data.
    /// <c>aegis-sessions</c>, tagged <c>ready</c>: Unhealthy when the session store does not answer a read within 2 seconds, for every inspection would block
    /// then; Degraded where the policy has <c>session.outage</c>. <c>aegis-audit</c>, tagged <c>ready</c>: Unhealthy while an audit log that the policy requires
    /// does not work. None of them is for liveness: a restart mends nothing of this.
    /// </summary>
    /// <param name="builder">The checks.</param>
    /// <param name="policyName">The services' guard of that name; the names of the checks end with a hyphen and it. <see langword="null"/>: the one without a name.</param>
    /// <returns>The checks.</returns>
    public static IHealthChecksBuilder AddAegis(this IHealthChecksBuilder builder, string? policyName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var suffix = policyName is null ? "" : $"-{policyName}";
        return builder
            .Add(new($"aegis{suffix}", provider => new AegisHealthCheck(GuardOf(provider)), failureStatus: null, tags: null))
            .Add(new($"aegis-sessions{suffix}", provider => new SessionStoreHealthCheck(GuardOf(provider), provider.GetService<TimeProvider>() ?? TimeProvider.System), failureStatus: null, tags: ["ready"]))
            .Add(new($"aegis-audit{suffix}", provider => new AuditHealthCheck(GuardOf(provider)), failureStatus: null, tags: ["ready"]));

        AegisGuard GuardOf(IServiceProvider provider) => policyName is null ? provider.GetRequiredService<AegisGuard>() : provider.GetRequiredKeyedService<AegisGuard>(policyName);
    }
}
