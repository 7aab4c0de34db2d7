using Aegis;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Aegis to a service collection. A guard takes the logger factory, the clock, the session store, the approver and the event sinks of the services, unless the builder says otherwise.</summary>
public static class AegisServiceCollectionExtensions
{
    /// <summary>Adds a guard with the preset <c>balanced</c>.</summary>
    /// <param name="services">The services.</param>
    /// <returns>What code adds to the policy.</returns>
    public static AegisBuilder AddAegis(this IServiceCollection services) => services.AddAegis(AegisPolicy.Preset("balanced"));

    /// <summary>Adds a guard. Its policy is checked when it is first resolved.</summary>
    /// <param name="services">The services.</param>
    /// <param name="policy">The policy.</param>
    /// <returns>What code adds to the policy.</returns>
    public static AegisBuilder AddAegis(this IServiceCollection services, AegisPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(policy);
        var builder = new AegisBuilder();
        services.Replace(ServiceDescriptor.Singleton(provider => AegisGuard.Make(policy, builder, provider)));
        return builder;
    }

    /// <summary>Adds a guard under a name, for <c>UseAegis("name")</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="policyName">The name.</param>
    /// <param name="policy">The policy.</param>
    /// <returns>What code adds to the policy.</returns>
    public static AegisBuilder AddAegis(this IServiceCollection services, string policyName, AegisPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(policyName);
        ArgumentNullException.ThrowIfNull(policy);
        var builder = new AegisBuilder();
        services.AddKeyedSingleton(policyName, (provider, _) => AegisGuard.Make(policy, builder, provider));
        return builder;
    }
}
