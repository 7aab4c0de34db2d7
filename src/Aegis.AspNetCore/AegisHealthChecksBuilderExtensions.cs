using Aegis;
using Aegis.AspNetCore.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks for guards.</summary>
public static class AegisHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds two checks. <c>aegis</c>: Degraded while an older policy goes on because the new one has mistakes. <c>aegis-sessions</c>, tagged <c>ready</c>:
    /// Unhealthy when the session store does not answer a read within 2 seconds; every inspection would block then.
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
            .Add(new($"aegis-sessions{suffix}", provider => new SessionStoreHealthCheck(GuardOf(provider), provider.GetService<TimeProvider>() ?? TimeProvider.System), failureStatus: null, tags: ["ready"]));

        AegisGuard GuardOf(IServiceProvider provider) => policyName is null ? provider.GetRequiredService<AegisGuard>() : provider.GetRequiredKeyedService<AegisGuard>(policyName);
    }
}
