using Aegis;
using Aegis.Policies;
using Aegis.Policies.Documents;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Aegis to a service collection. A guard takes the logger factory, the clock, the session store, the approver and the event sinks of the services, unless the builder says otherwise. A host refuses to start with a policy that has mistakes.</summary>
public static class AegisServiceCollectionExtensions
{
    private const string Default = "default";

    /// <summary>Adds a guard with the preset <c>balanced</c>.</summary>
    /// <param name="services">The services.</param>
    /// <returns>What code adds to the policy.</returns>
    public static AegisBuilder AddAegis(this IServiceCollection services) => services.AddAegis(AegisPolicy.Preset("balanced"));

    /// <summary>Adds a guard. Its policy is checked when the host starts, or when the guard is first resolved.</summary>
    /// <param name="services">The services.</param>
    /// <param name="policy">The policy.</param>
    /// <returns>What code adds to the policy.</returns>
    public static AegisBuilder AddAegis(this IServiceCollection services, AegisPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(policy);
        var builder = new AegisBuilder();
        Add(services, null, provider => AegisGuard.Make(policy, builder, provider));
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
        Add(services, policyName, provider => AegisGuard.Make(policy, builder, provider));
        return builder;
    }

    /// <summary>
    /// Adds a guard for every policy of a configuration section, under <c>policies:NAME</c>, each for <c>UseAegis("NAME")</c>; the one named <c>default</c>, or
    /// the only one, is the guard of <c>UseAegis()</c> too. Changes of the configuration are taken up while the app runs, unless they have mistakes.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("Aegis")</c>. Lists are taken whole from the last provider that names them.</param>
    /// <returns>What code adds to every one of the policies.</returns>
    /// <exception cref="PolicyException">The section has no policy, or is of a kind that shows no providers. What is wrong in a policy is said when the host starts.</exception>
    public static AegisBuilder AddAegis(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        var names = new ConfigurationOrigin(section).Names;
        if (names.Count == 0)
        {
            throw new PolicyException([new("$.policies", "the configuration has no policy. Add one under policies, for example Aegis:policies:default:extends = 'balanced'.") { Code = PolicyErrorCodes.Missing, Source = (section as IConfigurationSection)?.Path }]);
        }

        var builder = new AegisBuilder();
        foreach (var name in names)
        {
            Add(services, name, provider => Make(section, name, builder, provider));
        }

        if ((names.FirstOrDefault(static name => string.Equals(name, Default, StringComparison.OrdinalIgnoreCase)) ?? (names.Count == 1 ? names[0] : null)) is { } first)
        {
            services.Replace(ServiceDescriptor.Singleton(provider => provider.GetRequiredKeyedService<AegisGuard>(first)));
        }

        return builder;
    }

    private static AegisGuard Make(IConfiguration section, string name, AegisBuilder builder, IServiceProvider provider)
    {
        AegisPolicy Load() => PolicyLoader.Load(new ConfigurationOrigin(section), name);
        return AegisGuard.Make(Load(), builder, provider, guard => ConfigurationReloader.Watch(guard, section, Load));   // which looks once more, for what changed meanwhile
    }

    private static void Add(IServiceCollection services, string? name, Func<IServiceProvider, AegisGuard> make)
    {
        if (name is null)
        {
            services.Replace(ServiceDescriptor.Singleton(make));
        }
        else
        {
            services.AddKeyedSingleton(name, (provider, _) => make(provider));
            if (name.ToLowerInvariant() is var lower && !string.Equals(lower, name, StringComparison.Ordinal))
            {
                services.AddKeyedSingleton(lower, (provider, _) => provider.GetRequiredKeyedService<AegisGuard>(name));   // configuration spells names as its last provider does
            }
        }

        services.TryAddSingleton<ISessionStore>(static provider => new MemorySessionStore(time: provider.GetService<TimeProvider>()));   // one for all policies: a lock holds in each
        if (services.FirstOrDefault(static descriptor => descriptor.ServiceType == typeof(GuardNames))?.ImplementationInstance is not GuardNames names)
        {
            services.AddSingleton(names = new());
            services.AddOptions<GuardStart>().Configure<IServiceProvider>((_, provider) => names.Make(provider)).ValidateOnStart();
        }

        names.Add(name);
    }

    /// <summary>Made when the host starts, and with it every guard.</summary>
    private sealed class GuardStart;

    /// <summary>All guards of the services.</summary>
    private sealed class GuardNames
    {
        private readonly List<string?> _names = [];

        public void Add(string? name) => _names.Add(name);

        /// <exception cref="PolicyException">Some have mistakes; those of all are named.</exception>
        public void Make(IServiceProvider provider)
        {
            var mistakes = new List<PolicyError>();
            foreach (var name in _names)
            {
                try
                {
                    _ = name is null ? provider.GetRequiredService<AegisGuard>() : provider.GetRequiredKeyedService<AegisGuard>(name);
                }
                catch (PolicyException e)
                {
                    mistakes.AddRange(e.Errors);
                }
            }

            if (mistakes.Count > 0)
            {
                throw new PolicyException([.. mistakes.Distinct()]);
            }
        }
    }
}
