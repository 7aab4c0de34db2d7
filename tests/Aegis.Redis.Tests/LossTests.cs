using Aegis.Policies;

namespace Aegis.Redis.Tests;

/// <summary>What Redis has lost, and a running instance knows, comes back, whoever has written meanwhile.</summary>
public sealed class LossTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly SessionId Session = new("c-1");
    private static readonly AegisPolicy TwentyCalls = Instance.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(20, TimeSpan.FromHours(1)) } };

    private readonly string _prefix = $"t{Guid.NewGuid():N}:";

    private RedisSessionOptions Options => Instance.Options(_prefix);

    [Fact]
    public async Task ALockComesBackThoughAnotherInstanceWroteTheEmptySessionFirst()
    {
        await using var one = await StartAsync(Options with { KnownFor = TimeSpan.Zero });   // as after a minute
        await using var other = await StartAsync(Options);
        await RedisServer.Until(async () =>
        {
            await one.Store.ReadAsync(new($"warm-{Guid.NewGuid():N}"), Instance.Cancel);
            return one.Store.IsHearing;
        });
        await one.Guard.Sessions.BanAsync(Session, null, Instance.Cancel);
        Assert.Equal("session/banned", await one.CallAsync(Session));
        await one.Redis.GetDatabase().KeyDeleteAsync(Instance.KeyOf(_prefix, Session));

        await other.CallAsync(Session);
        await RedisServer.Until(async () => await other.CallAsync(Session) == "session/banned");   // who knew it was told, and has written it back
        Assert.Equal("session/banned", await one.RuleOf(new UserInput("hello"), Session));
    }

    [Fact]
    public async Task WhatWasSpentStillCountsThoughAnotherInstanceHasWrittenAsOften()
    {
        await using var one = await StartAsync(Options with { KnownFor = TimeSpan.Zero });   // as after a minute: it asks
        await using var other = await StartAsync(Options);
        Assert.Equal(10, await PassAsync(one, 0, 10));
        var key = Instance.KeyOf(_prefix, Session);
        var older = await one.Redis.GetDatabase().StringGetAsync(key);
        Assert.Equal(10, await PassAsync(one, 10, 10));
        await one.Redis.GetDatabase().StringSetAsync(key, older);   // another server has taken over that had not heard the last ten

        for (var i = 0; i < 30; i++)
        {
            await other.CallAsync(Session, "put", i);   // which writes, and has no limit
        }

        Assert.Equal(0, await PassAsync(one, 20, 5));
        Assert.Equal(0, await PassAsync(other, 30, 5));
    }

    [Fact]
    public async Task ASessionThatWasStoredBeforeThereWasALineageIsRead()
    {
        await using var one = await StartAsync(Options);
        var state = SessionState.Empty with { Lock = new(SessionLockKind.Banned, null) };
        await one.Redis.GetDatabase().StringSetAsync(Instance.KeyOf(_prefix, Session), (byte[])[.. Stamp.None.Next(6).Bytes, .. state.ToBytes(Session)]);

        Assert.Equal("session/banned", await one.CallAsync(Session));
        await one.Guard.Sessions.ReleaseAsync(Session, Instance.Cancel);
        Assert.Equal("passes", await one.CallAsync(Session));
    }

    [Fact]
    public async Task ALockThatAnotherInstanceLiftedStaysLiftedHoweverOftenItWroteSince()
    {
        await using var one = await StartAsync(Options);
        await using var other = await StartAsync(Options);
        await one.Guard.Sessions.BanAsync(Session, null, Instance.Cancel);
        await other.Guard.Sessions.ReleaseAsync(Session, Instance.Cancel);
        Assert.Equal(20, await PassAsync(other, 0, 20));

        await RedisServer.Until(async () => await one.CallAsync(Session) == "limit/get");
        Assert.Equal("passes", await other.RuleOf(new UserInput("hello"), Session));
    }

    private static async Task<int> PassAsync(Instance instance, int from, int calls)
    {
        var passed = 0;
        for (var i = 0; i < calls; i++)
        {
            passed += await instance.CallAsync(Session, n: from + i) == "passes" ? 1 : 0;
        }

        return passed;
    }

    private Task<Instance> StartAsync(RedisSessionOptions options) => Instance.StartAsync(server, TwentyCalls, options);
}
