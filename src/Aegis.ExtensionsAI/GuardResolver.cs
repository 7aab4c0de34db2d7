using Aegis.Policies;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.ExtensionsAI;

/// <summary>Which guard a line of set-up code means, once there are services.</summary>
internal static class GuardResolver
{
    public static Func<IServiceProvider, AegisGuard> Of() =>
        static services => services.GetService<AegisGuard>() ?? AegisGuard.Make(AegisPolicy.Preset("balanced"), new AegisBuilder(), services);

    public static Func<IServiceProvider, AegisGuard> Of(string policyName)
    {
        ArgumentException.ThrowIfNullOrEmpty(policyName);
        return services => Registered(services, policyName) ?? AegisGuard.Make(
            Presets.Names.Contains(policyName, StringComparer.Ordinal)
                ? AegisPolicy.Preset(policyName)
                : throw new PolicyException([new("policyName", $"'{policyName}' is neither a guard that services.AddAegis(\"{policyName}\", …) registered nor a preset. Presets are: {string.Join(", ", Presets.Names)}.")]),
            new AegisBuilder(),
            services);
    }

    /// <summary>The guard of this name, whose case does not count.</summary>
    private static AegisGuard? Registered(IServiceProvider services, string name) =>
        services is IKeyedServiceProvider keyed ? keyed.GetKeyedService<AegisGuard>(name) ?? keyed.GetKeyedService<AegisGuard>(name.ToLowerInvariant()) : null;

    public static Func<IServiceProvider, AegisGuard> Of(AegisPolicy policy, Action<AegisBuilder>? configure)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return services =>
        {
            var builder = new AegisBuilder();
            configure?.Invoke(builder);
            return AegisGuard.Make(policy, builder, services);
        };
    }
}
