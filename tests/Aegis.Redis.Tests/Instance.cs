using Aegis.Tools;
using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>An instance of a service in this process, with a connection of its own.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private Instance(ConnectionMultiplexer redis, RedisSessionStore store, AegisGuard guard) => (Redis, Store, Guard) = (redis, store, guard);

    public ConnectionMultiplexer Redis { get; }

    public RedisSessionStore Store { get; }

    public AegisGuard Guard { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Every tool, no wallet, no scanner: what a test is about stands in its <c>with</c>.</summary>
    public static AegisPolicy Open { get; } = new() { Capabilities = new() { Allow = ["*"] }, DenialOfWallet = null, Scanner = null, ToolIntegrity = null };

    public static RedisSessionOptions Options(string prefix) => new() { Prefix = prefix, Timeout = TimeSpan.FromSeconds(10) };   // what is slow here is the machine

    public static async Task<Instance> StartAsync(RedisServer server, AegisPolicy policy, RedisSessionOptions options, TimeProvider? time = null)
    {
        var redis = await server.ConnectAsync();
        var store = new RedisSessionStore(redis, options, time);
        return new(redis, store, AegisGuard.Create(policy, builder => builder.UseSessionStore(store).UseTimeProvider(time ?? TimeProvider.System).UseStoreTimeout(TimeSpan.FromSeconds(20))));
    }

    /// <summary>The rule that stopped it, or "passes".</summary>
    public async Task<string> RuleOf<T>(T subject, SessionId session)
        where T : Subject => (await Guard.InspectAsync(subject, session, Cancel)) is { MayProceed: false } stopped ? stopped.Verdict.Rule! : "passes";

    public Task<string> CallAsync(SessionId session, string tool = "get", int n = 0) => RuleOf(new ToolCall(tool, ToolArguments.From([new("n", n)])) { Tools = Guard.ToolsetOf([new(tool)]) }, session);

    /// <summary>What is stored of a session.</summary>
    public async Task<byte[]> StoredAsync(string prefix, SessionId session) => (byte[]?)await Redis.GetDatabase().StringGetAsync(KeyOf(prefix, session)) ?? [];

    public static RedisKey KeyOf(string prefix, SessionId session) => $"{prefix}session:{session.ToStorageKey()}";

    public async ValueTask DisposeAsync()
    {
        Guard.Dispose();
        Store.Dispose();
        await Redis.DisposeAsync();
    }
}
