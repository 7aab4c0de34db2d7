using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>An instance of a service as apps build one: a container of its own, a connection of its own, a chat client with tools and a scripted model.</summary>
internal sealed class ServiceInstance : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ConnectionMultiplexer _redis;

    private ServiceInstance(ServiceProvider services, ConnectionMultiplexer redis) => (_services, _redis) = (services, redis);

    public IChatClient Client => _services.GetRequiredService<IChatClient>();

    public static async Task<ServiceInstance> StartAsync(RedisServer server, AegisPolicy policy, RedisSessionOptions options, ScriptedChatClient model, Action<AegisBuilder>? more = null)
    {
        var redis = await server.ConnectAsync();
        var services = new ServiceCollection();
        var builder = services.AddAegis(policy).UseRedis(redis, options).UseStoreTimeout(TimeSpan.FromSeconds(20));
        more?.Invoke(builder);
        services.AddChatClient(model).UseAegisFunctionInvocation();
        return new(services.BuildServiceProvider(), redis);
    }

    /// <summary>A request of a user in a conversation.</summary>
    public async Task<ChatResponse> AskAsync(SessionId session, IEnumerable<ChatMessage> messages, params AITool[] tools)
    {
        using var scope = AegisScope.Begin(session);
        return await Client.GetResponseAsync(messages, new() { Tools = [.. tools] }, Instance.Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
