using Aegis.ExtensionsAI;
using Aegis.Policies;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Aegis.SemanticKernel;

/// <summary>The services of a kernel with a guard before each that can reach a model, and the filters. Knows what came too late.</summary>
internal sealed class KernelServices
{
    private readonly IServiceCollection _services;
    private readonly HashSet<ServiceDescriptor> _guarded = new(ReferenceEqualityComparer.Instance);
    private readonly object _key = new();

    private KernelServices(IServiceCollection services) => _services = services;

    /// <summary>What is known of a collection.</summary>
    public static KernelServices Of(IServiceCollection services)
    {
        if (services.FirstOrDefault(static descriptor => !descriptor.IsKeyedService && descriptor.ServiceType == typeof(KernelServices))?.ImplementationInstance is KernelServices known)
        {
            return known;
        }

        var made = new KernelServices(services);
        services.AddSingleton(made);
        return made;
    }

    /// <summary>Guards all services that are there and not guarded yet. The first guard stays.</summary>
    public void Guard(Func<IServiceProvider, AegisGuard> resolve)
    {
        if (!_services.Any(static descriptor => descriptor.IsKeyedService && descriptor.ServiceType == typeof(KernelGuard)))
        {
            _services.AddKeyedSingleton(_key, (services, _) => new KernelGuard(resolve(services)));
            _services.AddSingleton<IFunctionInvocationFilter>(services => new AegisFunctionFilter(GuardOf(services)));
            _services.AddSingleton<IPromptRenderFilter>(services => new AegisPromptFilter(GuardOf(services)));
            _services.AddSingleton<IAutoFunctionInvocationFilter>(services => new AegisAutoFunctionFilter(GuardOf(services)));
        }

        for (var i = 0; i < _services.Count; i++)
        {
            if (IsModel(_services[i]) && !_guarded.Contains(_services[i]))
            {
                _services[i] = Guarded(_services[i]);
                _guarded.Add(_services[i]);
            }
        }
    }

    private static bool IsModel(ServiceDescriptor descriptor) =>
        descriptor.ServiceType == typeof(IChatCompletionService) || descriptor.ServiceType == typeof(ITextGenerationService) || descriptor.ServiceType == typeof(IChatClient);

    /// <summary>The guard, unless a model stands unguarded in the services.</summary>
    private AegisGuard GuardOf(IServiceProvider services)
    {
        var late = _services.Where(descriptor => IsModel(descriptor) && !_guarded.Contains(descriptor)).Select(static descriptor => descriptor.ServiceType.Name).Distinct(StringComparer.Ordinal).ToList();
        return late.Count == 0 ? Shared(services)
            : throw new PolicyException([new("AddAegis", $"{string.Join(", ", late)}: added after AddAegis(), so that nothing guards it. Call AddAegis() last.")]);
    }

    private AegisGuard Shared(IServiceProvider services) => services.GetRequiredKeyedService<KernelGuard>(_key).Guard;

    private ServiceDescriptor Guarded(ServiceDescriptor descriptor) => descriptor.IsKeyedService
        ? new(descriptor.ServiceType, descriptor.ServiceKey, (services, key) => With(descriptor.ServiceType, MadeBy(descriptor, services, key), descriptor.KeyedImplementationInstance is null, services), descriptor.Lifetime)
        : new(descriptor.ServiceType, services => With(descriptor.ServiceType, MadeBy(descriptor, services), descriptor.ImplementationInstance is null, services), descriptor.Lifetime);

    private static object MadeBy(ServiceDescriptor descriptor, IServiceProvider services, object? key) =>
        descriptor.KeyedImplementationInstance ?? descriptor.KeyedImplementationFactory?.Invoke(services, key) ?? ActivatorUtilities.CreateInstance(services, descriptor.KeyedImplementationType!);

    private static object MadeBy(ServiceDescriptor descriptor, IServiceProvider services) =>
        descriptor.ImplementationInstance ?? descriptor.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, descriptor.ImplementationType!);

    /// <summary>The guarded service. The container disposes what it has made, not what the app has.</summary>
    private object With(Type type, object service, bool owns, IServiceProvider services)
    {
        var guard = Shared(services);
        return service is IGuardedService guarded && ReferenceEquals(guarded.Guard, guard) ? service
            : type == typeof(IChatCompletionService) ? new AegisChatCompletionService((IChatCompletionService)service, guard, owns)
            : type == typeof(ITextGenerationService) ? new AegisTextGenerationService((ITextGenerationService)service, guard, owns)
            : With((IChatClient)service, guard, owns, services);
    }

    private static IChatClient With(IChatClient client, AegisGuard guard, bool owns, IServiceProvider services) =>
        client is AegisChatClient layer && layer.IsOf(guard) ? Held(client, owns)   // what GetService finds need not be on the way of every request
        : client is FunctionInvokingChatClient loop && KernelLoop.IsLoop(loop) ? new AegisChatClient(Around(loop, guard, owns, services), guard)
        : new AegisChatClient(Held(client, owns), guard);

    private static IChatClient Held(IChatClient client, bool owns) => owns ? client : new BorrowedClient(client);

    /// <summary>The loop again, with a guard behind it, so that every model step passes one.</summary>
    private static IChatClient Around(FunctionInvokingChatClient loop, AegisGuard guard, bool owns, IServiceProvider services)
    {
        var client = new AegisChatClient(Held(LoopGuard.InnerOf(loop), owns), guard).AsBuilder().UseKernelFunctionInvocation(services.GetService<ILoggerFactory>()).Build(services);
        var again = client.GetRequiredService<FunctionInvokingChatClient>();
        (again.AllowConcurrentInvocation, again.IncludeDetailedErrors, again.TerminateOnUnknownCalls) = (loop.AllowConcurrentInvocation, loop.IncludeDetailedErrors, loop.TerminateOnUnknownCalls);
        (again.MaximumIterationsPerRequest, again.MaximumConsecutiveErrorsPerRequest) = (loop.MaximumIterationsPerRequest, loop.MaximumConsecutiveErrorsPerRequest);
        (again.AdditionalTools, again.FunctionInvoker) = (loop.AdditionalTools, loop.FunctionInvoker);
        return client;
    }

    /// <summary>The one guard of these services.</summary>
    private sealed record KernelGuard(AegisGuard Guard);
}
