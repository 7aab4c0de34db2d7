using System.ClientModel;
using System.ClientModel.Primitives;
using Aegis.Events;
using Aegis.OpenTelemetry.Tests.Otlp;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace Aegis.Redis.Tests.Production;

/// <summary>One instance of a service as the guide describes it: a container, the OpenAI client for model and judge, a connection to Redis, webhooks, an audit file of its own, and OpenTelemetry.</summary>
internal sealed class ProductionInstance : IAsyncDisposable, IEventSink
{
    /// <summary>Makes a text grey, for the judge: what the guide's policy asks it about is what no rule is sure of.</summary>
    private const string Pack = """{"pack":"shop","version":"1","rules":[{"id":"shop/grey","category":"shop","risk":0.75,"checkpoints":["input"],"pattern":"under the counter","match":["under the counter"],"pass":["on the counter"]}]}""";

    private readonly ServiceProvider _services;
    private readonly ConnectionMultiplexer _redis;
    private readonly List<AegisEvent> _events = [];

    private ProductionInstance(ServiceCollection services, ConnectionMultiplexer redis, AegisPolicy policy, RedisSessionOptions options, Shop shop, Collector collector)
    {
        _redis = redis;
        services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAegisInstrumentation().AddOtlpExporter(exporter => collector.Take(exporter, "traces")))
            .WithMetrics(metrics => metrics.AddAegisInstrumentation().AddOtlpExporter(exporter => collector.Take(exporter, "metrics")))
            .WithLogging(logging => logging.AddAegisInstrumentation().AddOtlpExporter(exporter => collector.Take(exporter, "logs")));
        services.AddAegis(policy).UseRedis(redis, options).UseStoreTimeout(TimeSpan.FromSeconds(20)).UseAlertWebhooks(new() { AllowLoopback = true }).UseApprover(shop).AddRulePack(Pack).AddSink(this);
        _services = services.AddLogging().BuildServiceProvider();
        _ = (_services.GetRequiredService<TracerProvider>(), _services.GetRequiredService<MeterProvider>());   // a host starts them
    }

    public AegisGuard Guard => _services.GetRequiredService<AegisGuard>();

    public IChatClient Client => _services.GetRequiredService<IChatClient>();

    /// <summary>What happened, oldest first.</summary>
    public IReadOnlyList<AegisEvent> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public static async Task<ProductionInstance> StartAsync(RedisServer server, AegisPolicy policy, RedisSessionOptions options, Shop shop, LoopbackOpenAIServer model, LoopbackOpenAIServer judge, Collector collector)
    {
        var services = new ServiceCollection();
        services.AddChatClient(ClientOf(model)).UseAegisFunctionInvocation();
        services.AddKeyedChatClient("aegis-judge", ClientOf(judge));
        return new(services, await server.ConnectAsync(), policy, options, shop, collector);
    }

    public void Write(AegisEvent e)
    {
        lock (_events)
        {
            _events.Add(e);
        }
    }

    /// <summary>A request of a user in a conversation, and the rule that stopped it; null: it was answered.</summary>
    public async Task<(ChatResponse Response, string? Rule)> AskAsync(SessionId session, IEnumerable<ChatMessage> messages, params AITool[] tools)
    {
        using var scope = AegisScope.Begin(session);
        var response = await Client.GetResponseAsync(messages, new() { Tools = [.. tools] }, Instance.Cancel);
        return (response, (response.AdditionalProperties?["aegis"] as AegisRefusal)?.Rules[0]);
    }

    public Task<(ChatResponse Response, string? Rule)> AskAsync(SessionId session, string text, params AITool[] tools) => AskAsync(session, [new(ChatRole.User, text)], tools);

    /// <summary>The same as a stream: everything that was shown.</summary>
    public async Task<string> StreamAsync(SessionId session, string text)
    {
        using var scope = AegisScope.Begin(session);
        return string.Concat(await Client.GetStreamingResponseAsync(text, cancellationToken: Instance.Cancel).Select(static update => update.Text).ToListAsync(Instance.Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await Guard.FlushAuditAsync(Instance.Cancel);
        await _services.DisposeAsync();   // providers send what waits
        await _redis.DisposeAsync();
    }

    private static IChatClient ClientOf(LoopbackOpenAIServer server) =>
        new OpenAIClient(new ApiKeyCredential("test"), new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("test-model").AsIChatClient();
}
