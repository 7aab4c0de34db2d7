using Aegis;
using Aegis.ExtensionsAI;
using Aegis.SemanticKernel;

namespace Microsoft.SemanticKernel;

/// <summary>Puts Aegis into kernels that a builder makes: filters, and a guard before every chat service, text service and chat client, keyed ones too.</summary>
/// <remarks>Call it after the services were added: a service that was added later is not guarded, and a kernel that has one is refused. Other filters that are to run before Aegis go before it too.</remarks>
public static class AegisKernelBuilderExtensions
{
    /// <summary>Guards with the services' guard, else with the preset <c>balanced</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddAegis(this IKernelBuilder builder) => Add(builder, GuardResolver.Of());

    /// <summary>Guards with the services' guard of that name, else with the preset of that name.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="policyName">The name.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="Aegis.Policies.PolicyException">When the kernel is built: there is neither.</exception>
    public static IKernelBuilder AddAegis(this IKernelBuilder builder, string policyName) => Add(builder, GuardResolver.Of(policyName));

    /// <summary>Guards with a policy.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="configure">Adds services.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="Aegis.Policies.PolicyException">When the kernel is built: the policy has mistakes.</exception>
    public static IKernelBuilder AddAegis(this IKernelBuilder builder, AegisPolicy policy, Action<AegisBuilder>? configure = null) => Add(builder, GuardResolver.Of(policy, configure));

    /// <summary>Guards with a guard that is shared with other parts of the app.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="guard">The guard.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddAegis(this IKernelBuilder builder, AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        return Add(builder, _ => guard);
    }

    private static IKernelBuilder Add(IKernelBuilder builder, Func<IServiceProvider, AegisGuard> resolve)
    {
        ArgumentNullException.ThrowIfNull(builder);
        KernelServices.Of(builder.Services).Guard(resolve);
        return builder;
    }
}
