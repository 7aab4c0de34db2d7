using Aegis.Judging;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.ExtensionsAI;

/// <summary>The chat client that an app has registered for the judge. Core makes it by its name.</summary>
internal sealed class KeyedJudge : IJudgeFinder
{
    public const string Key = "aegis-judge";

    public IJudge? Find(IServiceProvider services, TimeProvider time) =>
        services is IKeyedServiceProvider keyed && keyed.GetKeyedService<IChatClient>(Key) is { } client ? new ChatClientJudge(client, new() { Time = time }) : null;
}
