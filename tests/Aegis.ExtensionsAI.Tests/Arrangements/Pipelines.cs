using System.ClientModel;
using System.ClientModel.Primitives;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>The pipelines of the README, with the model in process or through the OpenAI SDK.</summary>
internal static class Pipelines
{
    public static Func<ConformanceSetup, IChatClient> With(Seams seams) => setup =>
    {
        var builder = new ChatClientBuilder(ModelOf(setup));
        if (setup.Arrangement.IsOutside)
        {
            builder.Use(inner => new AegisChatClient(inner, setup.Guard, seams));
        }

        if (setup.Arrangement.HasLoop)
        {
            builder.UseFunctionInvocation(configure: loop =>
            {
                loop.AllowConcurrentInvocation = setup.Arrangement.Concurrent;
                setup.ConfigureLoop?.Invoke(loop);
            });
        }

        if (setup.Arrangement.Position != ConformancePosition.Outside)
        {
            builder.Use(inner => new AegisChatClient(inner, setup.Guard, seams));
        }

        return builder.Build();
    };

    /// <summary>The same under a policy that requires marks.</summary>
    public static IChatClient Marking(ConformanceSetup setup)
    {
        var policy = setup.Guard.Policy;
        setup.Guard.Replace(() => policy with { Input = policy.Input with { RequireQuarantine = true } });
        return With(Seams.All)(setup);
    }

    private static IChatClient ModelOf(ConformanceSetup setup)
    {
        if (setup.Endpoint is not { } endpoint)
        {
            return setup.Model;
        }

        var sdk = new OpenAIClient(new ApiKeyCredential("test"), new OpenAIClientOptions { Endpoint = endpoint, RetryPolicy = new ClientRetryPolicy(0) });
#pragma warning disable OPENAI001 // The Responses client is experimental in the SDK.
        return setup.Arrangement.ServerConversation ? sdk.GetResponsesClient().AsIChatClient("test-model") : sdk.GetChatClient("test-model").AsIChatClient();
#pragma warning restore OPENAI001
    }
}
