using Aegis.Guarding;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.ExtensionsAI;

/// <summary>The chat clients that an app has registered for the judge and for the sandbox. Core makes it by its name.</summary>
internal sealed class KeyedModels : IModelFinder
{
    public const string JudgeKey = "aegis-judge";
    public const string SandboxKey = "aegis-sandbox";

    public IJudge? FindJudge(IServiceProvider services, TimeProvider time) => Find(services, JudgeKey) is { } client ? new ChatClientJudge(client, new() { Time = time }) : null;

    public IExtractor? FindExtractor(IServiceProvider services, TimeProvider time) => Find(services, SandboxKey) is { } client ? new ChatClientExtractor(client, new() { Time = time }) : null;

    private static IChatClient? Find(IServiceProvider services, string key) => (services as IKeyedServiceProvider)?.GetKeyedService<IChatClient>(key);
}
