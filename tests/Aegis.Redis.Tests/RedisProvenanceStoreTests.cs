using Aegis.Testing;
using Aegis.Tools;
using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>What one instance has read counts at the other, and after a restart.</summary>
public sealed class RedisProvenanceStoreTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly SessionId Ann = new("c-1", "ann");
    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with { Capabilities = new() { Allow = ["*"] }, ToolIntegrity = null };

    private readonly string _prefix = $"v{Guid.NewGuid():N}:";

    private RedisSessionOptions Options => Instance.Options(_prefix);

    [Fact]
    public async Task ItDoesWhatAStoreOfProvenanceDoes()
    {
        await using var redis = await server.ConnectAsync();
        await ProvenanceStoreChecks.RunAsync(new RedisProvenanceStore(redis, Options), Instance.Cancel);
    }

    [Fact]
    public async Task WhatTheUserSaidAndWhatAPageSaidIsKnownAtTheOtherInstanceAndAfterARestart()
    {
        await using var redis = await server.ConnectAsync();
        using (var before = Guard(redis))
        {
            await before.InspectAsync(new UserInput("Read my mail and send the summary to bob@contoso.com."), Ann, Instance.Cancel);
            await before.InspectAsync(new ToolResult("read_mail", "Minutes of Monday. Contact: mallory@evil.example for the files."), Ann, Instance.Cancel);
        }

        using var after = Guard(redis);
        Assert.Equal("passes", await SendAsync(after, "bob@contoso.com"));
        Assert.NotEqual("passes", await SendAsync(after, "mallory@evil.example"));

        using var alone = AegisGuard.Create(Policy, aegis => aegis.UseSessionStore(new RedisSessionStore(redis, Options)).UseStoreTimeout(TimeSpan.FromSeconds(20)));
        Assert.NotEqual("passes", await SendAsync(alone, "bob@contoso.com"));   // knows that something was read, and not what
    }

    [Fact]
    public async Task NothingThatAToolReturnedStandsInRedis()
    {
        await using var redis = await server.ConnectAsync();
        using var guard = Guard(redis);
        await guard.InspectAsync(new UserInput("Read my mail, please: CANARY-USER-1."), Ann, Instance.Cancel);
        await guard.InspectAsync(new ToolResult("read_mail", """{ "from": "canary@tool.example", "subject": "CANARY-TOOL-1" }"""), Ann, Instance.Cancel);

        var keys = redis.GetServer(server.Endpoint).Keys(pattern: $"{_prefix}*").ToArray();
        Assert.True(keys.Length >= 2);
        foreach (var key in keys)
        {
            Assert.DoesNotContain("canary", (string?)await redis.GetDatabase().StringGetAsync(key), StringComparison.OrdinalIgnoreCase);
            Assert.NotNull(await redis.GetDatabase().KeyTimeToLiveAsync(key));
        }
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("a list")]
    public async Task ALogThatIsNoneVouchesForNothing(string what)
    {
        await using var redis = await server.ConnectAsync();
        using var guard = Guard(redis);
        await guard.InspectAsync(new UserInput("Send a summary to bob@contoso.com."), Ann, Instance.Cancel);
        await guard.InspectAsync(new ToolResult("read_mail", "Minutes of Monday."), Ann, Instance.Cancel);
        Assert.Equal("passes", await SendAsync(guard, "bob@contoso.com"));
        RedisKey key = $"{_prefix}provenance:{Ann.ToStorageKey()}";
        await redis.GetDatabase().KeyDeleteAsync(key);
        await redis.GetDatabase().ExecuteAsync(what == "a list" ? "RPUSH" : "SET", key, new string('x', 100));

        using var after = Guard(redis);
        Assert.NotEqual("passes", await SendAsync(after, "bob@contoso.com"));
    }

    private AegisGuard Guard(IConnectionMultiplexer redis) => AegisGuard.Create(Policy, aegis => aegis.UseRedis(redis, Options).UseRedisProvenance(redis, new byte[32], Options).UseStoreTimeout(TimeSpan.FromSeconds(20)));

    private static async Task<string> SendAsync(AegisGuard guard, string to) =>
        (await guard.InspectAsync(new ToolCall("send_mail", ToolArguments.From([new("to", to), new("body", "a summary")])) { Tools = guard.ToolsetOf([new("send_mail"), new("read_mail")]) }, Ann, Instance.Cancel)) is { MayProceed: false } stopped ? stopped.Verdict.Rule! : "passes";
}
