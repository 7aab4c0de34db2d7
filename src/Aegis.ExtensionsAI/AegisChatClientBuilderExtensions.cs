using Aegis;
using Aegis.ExtensionsAI;

namespace Microsoft.Extensions.AI;

/// <summary>Puts Aegis into a chat client pipeline.</summary>
public static class AegisChatClientBuilderExtensions
{
    /// <summary>Guards what is inside with the services' guard, else with the preset <c>balanced</c>.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <returns>The pipeline.</returns>
    /// <remarks>Correct in any position. Before <c>UseFunctionInvocation</c> it guards approvals and executions, behind it model steps and tokens; <see cref="UseAegisFunctionInvocation(ChatClientBuilder)"/> is both.</remarks>
    public static ChatClientBuilder UseAegis(this ChatClientBuilder builder) => Use(builder, GuardResolver.Of());

    /// <summary>Guards what is inside with the services' guard of that name, else with the preset of that name.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="policyName">The name.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Aegis.Policies.PolicyException">When the pipeline is built: there is neither.</exception>
    public static ChatClientBuilder UseAegis(this ChatClientBuilder builder, string policyName) => Use(builder, GuardResolver.Of(policyName));

    /// <summary>Guards what is inside with a policy.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="configure">Adds services.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Aegis.Policies.PolicyException">When the pipeline is built: the policy has mistakes.</exception>
    public static ChatClientBuilder UseAegis(this ChatClientBuilder builder, AegisPolicy policy, Action<AegisBuilder>? configure = null) => Use(builder, GuardResolver.Of(policy, configure));

    /// <summary>Guards what is inside.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="guard">The guard.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegis(this ChatClientBuilder builder, AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        return Use(builder, _ => guard);
    }

    /// <summary>Function invocation with the services' guard on both sides, else with the preset <c>balanced</c>: approvals, executions, model steps and tokens are guarded.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder) => Sandwich(builder, GuardResolver.Of(), null);

    /// <summary>Function invocation with the services' guard of that name on both sides, else with the preset of that name.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="policyName">The name.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Aegis.Policies.PolicyException">When the pipeline is built: there is neither.</exception>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, string policyName) => Sandwich(builder, GuardResolver.Of(policyName), null);

    /// <summary>Function invocation with a guard on both sides.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="guard">The guard.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, AegisGuard guard) => builder.UseAegisFunctionInvocation(guard, configure: null);

    /// <summary>Function invocation with a guard on both sides.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="guard">The guard.</param>
    /// <param name="configure">Configures the function invocation.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, AegisGuard guard, Action<FunctionInvokingChatClient>? configure)
    {
        ArgumentNullException.ThrowIfNull(guard);
        return Sandwich(builder, _ => guard, configure);
    }

    /// <summary>Function invocation with a policy on both sides.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="policy">The policy.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, AegisPolicy policy) => Sandwich(builder, GuardResolver.Of(policy, null), null);

    /// <summary>Function invocation with a policy on both sides.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="configure">Adds services of the guard.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, AegisPolicy policy, Action<AegisBuilder>? configure) =>
        Sandwich(builder, GuardResolver.Of(policy, configure), null);

    /// <summary>Function invocation with a preset on both sides.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="preset">The preset's name, for example <c>balanced</c>.</param>
    /// <param name="configure">Adds services of the guard.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Aegis.Policies.PolicyException">No preset has this name.</exception>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, string preset, Action<AegisBuilder>? configure) => builder.UseAegisFunctionInvocation(AegisPolicy.Preset(preset), configure);

    /// <summary>Function invocation with a guard on both sides that the host chooses for each session. Budgets and locks are one when the services' guards share their sessions, as those of <c>services.AddAegis(…)</c> do.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="choosePolicy">Gives the name of the services' guard, else of a preset, for the session of the surrounding <see cref="AegisScope"/>; without one the session is null. An exception, or a name that nothing has, ends the request.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAegisFunctionInvocation(this ChatClientBuilder builder, Func<SessionId?, string> choosePolicy)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(choosePolicy);
        return builder.Use((inner, services) => new PolicyRouter(inner, name => Sandwich(new ChatClientBuilder(inner), GuardResolver.Of(name), null).Build(services), choosePolicy));
    }

    private static ChatClientBuilder Use(ChatClientBuilder builder, Func<IServiceProvider, AegisGuard> resolve)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => new AegisChatClient(inner, resolve(services)));
    }

    private static ChatClientBuilder Sandwich(ChatClientBuilder builder, Func<IServiceProvider, AegisGuard> resolve, Action<FunctionInvokingChatClient>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) =>
        {
            var guard = resolve(services);
            return new ChatClientBuilder(inner)
                .UseAegis(guard)
                .UseFunctionInvocation(configure: configure)
                .UseAegis(guard)
                .Build(services);
        });
    }
}
