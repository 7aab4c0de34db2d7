using System.Collections.Concurrent;
using Aegis.Alerting;
using Aegis.Events;
using Aegis.Policies;
using Aegis.Tools;
using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>Alert rules of several instances, on a real server.</summary>
public class RedisAlertWindowsTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoInstancesCountTogetherAndOneTells()
    {
        await using var a = await Watched.StartAsync(server, "a1:", Spike(5, "1h"));
        await using var b = await Watched.StartAsync(server, "a1:", Spike(5, "1h"));
        await a.Block(3);
        await b.Block(2);
        await Until(async () => await CardAsync(a, "a1:") == 5);
        Assert.Empty(a.Told.Concat(b.Told));   // as many, not more
        await b.Block(1);
        await Until(() => Task.FromResult(!a.Told.IsEmpty || !b.Told.IsEmpty));
        await a.Block(20);
        await b.Block(20);
        await Until(() => Task.FromResult(a.IsIdle && b.IsIdle));
        Assert.Equal(["alert_fired"], a.Told.Concat(b.Told));
        Assert.Equal(6, await CardAsync(a, "a1:"));   // threshold + 1 stamps, whatever comes
    }

    [Fact]
    public async Task OneOfThemSaysThatItIsOver()
    {
        await using var a = await Watched.StartAsync(server, "a2:", Spike(3, "5s", "5s"));
        await using var b = await Watched.StartAsync(server, "a2:", Spike(3, "5s", "5s"));
        a.Count(10);
        b.Count(10);
        await Until(() => Task.FromResult(a.Told.Concat(b.Told).Contains("alert_resolved")));
        await Until(async () => await CardAsync(a, "a2:") == 0 && a.IsIdle && b.IsIdle);
        Assert.Equal(["alert_fired", "alert_resolved"], a.Told.Concat(b.Told).Distinct().Order(StringComparer.Ordinal));   // of which instance each is, is open
        Assert.Equal(1, a.Told.Concat(b.Told).Count(static type => type == "alert_resolved"));
    }

    [Fact]
    public async Task WithoutRedisEachInstanceCountsForItself()
    {
        var away = new RedisServer();
        await away.InitializeAsync();
        await using var a = await Watched.StartAsync(away, "a3:", Spike(5, "1h"));
        away.Kill();
        a.Count(6);
        await Until(() => Task.FromResult(!a.Told.IsEmpty));
        Assert.Equal(["alert_fired"], a.Told);
        await away.DisposeAsync();
    }

    /// <summary>The script has claimed the cooldown for this instance: nobody else would say it.</summary>
    [Fact]
    public async Task WhatAnAnswerClaimsThatComesLateIsTold()
    {
        var slow = new RedisServer();
        await slow.InitializeAsync();
        await using var a = await Watched.StartAsync(slow, "a7:", Spike(5, "1h"), TimeSpan.FromMilliseconds(100));
        await new RedisAlertWindows(a.Redis, Instance.Options("a7:"), TimeProvider.System).CountAsync(new(Spike(5, "1h")), default, 5, 0, "b");   // another instance has counted as many
        slow.Hang();
        a.Count(1);
        await Until(() => Task.FromResult(a.IsAway));
        Assert.Empty(a.Told);   // one alone is not too much
        slow.GoOn();
        await Until(() => Task.FromResult(!a.Told.IsEmpty));
        Assert.Equal(["alert_fired"], a.Told);
        await slow.DisposeAsync();
    }

    [Fact]
    public async Task WhatAnInstanceToldThatHasEndedIsOverForOthers()
    {
        var a = await Watched.StartAsync(server, "a8:", Spike(3, "5s", "1h"));
        await using var b = await Watched.StartAsync(server, "a8:", Spike(3, "5s", "1h"));
        a.Count(4);
        await Until(() => Task.FromResult(!a.Told.IsEmpty));
        b.Count(1);
        await Until(() => Task.FromResult(b.Looks == 1));
        await a.DisposeAsync();
        await Until(() => Task.FromResult(!b.Told.IsEmpty));
        Assert.Equal(["alert_fired"], a.Told);
        Assert.Equal(["alert_resolved"], b.Told);
    }

    /// <summary>Also if the key that says that it goes on was lost meanwhile.</summary>
    [Fact]
    public async Task AnAlertIsSaidToBeOverOnceWhateverBecameOfItsKey()
    {
        await using var redis = await server.ConnectAsync();
        var windows = new RedisAlertWindows(redis, Instance.Options("a9:"), TimeProvider.System);
        var rule = new AlertRule(Spike(0, "1h"));
        Assert.Equal((true, "x"), Told(await windows.CountAsync(rule, default, 1, 0, "x")));
        Assert.Equal((false, "x"), Told(await windows.CountAsync(rule, default, 1, 0, "y")));   // whoever counts hears of it
        Assert.False((await windows.LookAsync(rule, default, "x")).Claimed);   // it goes on
        foreach (var key in redis.GetServers()[0].Keys(pattern: "a9:alert:*"))
        {
            await redis.GetDatabase().KeyDeleteAsync(key);
        }

        Assert.True((await windows.LookAsync(rule, default, "x")).Claimed);
        Assert.False((await windows.LookAsync(rule, default, "x")).Claimed);
        Assert.Equal((true, "z"), Told(await windows.CountAsync(rule, default, 1, 0, "z")));
    }

    [Fact]
    public async Task SumsAreOfAllInstancesAndLeaveWithTheWindow()
    {
        await using var redis = await server.ConnectAsync();
        var windows = new RedisAlertWindows(redis, Instance.Options("a4:"), TimeProvider.System);
        var cost = new AlertRule(new("cost", new(AlertConditionType.CostAnomaly, 1.5m, TimeSpan.FromSeconds(1))) { Cooldown = TimeSpan.FromSeconds(1) });
        Assert.Equal((0.75m, false), Read(await windows.CountAsync(cost, default, 750_000, 0, "a")));
        Assert.Equal((1.5m, false), Read(await windows.CountAsync(cost, default, 750_000, 0, "a")));
        var over = await windows.CountAsync(cost, default, 1, 0, "a");
        Assert.Equal((1.500001m, true, true), (over.Value, over.Exceeds, over.Claimed));
        Assert.False((await windows.CountAsync(cost, default, 1, 0, "a")).Claimed);   // its cooldown
        await Until(async () => !(await windows.LookAsync(cost, default, "none")).Exceeds);
        Assert.True((await windows.LookAsync(cost, default, over.Alert)).Claimed);
        Assert.False((await windows.LookAsync(cost, default, over.Alert)).Claimed);
    }

    [Fact]
    public async Task AShareNeedsItsLeastNumberOverAllInstances()
    {
        await using var redis = await server.ConnectAsync();
        var windows = new RedisAlertWindows(redis, Instance.Options("a5:"), TimeProvider.System);
        var share = new AlertRule(new("share", new(AlertConditionType.ScanBlockRate, 0.5m, TimeSpan.FromHours(1)) { Minimum = 4 }));
        Assert.Equal((1m, false), Read(await windows.CountAsync(share, default, 2, 0, "a")));
        Assert.Equal((0.5m, false), Read(await windows.CountAsync(share, default, 0, 2, "a")));
        Assert.Equal((0.6m, true), Read(await windows.CountAsync(share, default, 1, 0, "a")));
    }

    [Fact]
    public async Task RulesThatCountOtherwiseDoNotCountTogether()
    {
        await using var redis = await server.ConnectAsync();
        var windows = new RedisAlertWindows(redis, Instance.Options("a6:"), TimeProvider.System);
        Assert.Equal((1m, true), Read(await windows.CountAsync(new(Spike(0, "1h")), new("s"), 1, 0, "a")));
        Assert.Equal((1m, false), Read(await windows.CountAsync(new(Spike(1, "1h")), new("s"), 1, 0, "a")));
        Assert.Equal((1m, false), Read(await windows.CountAsync(new(Spike(1, "1h")), new("t"), 1, 0, "a")));
    }

    private static (bool Claimed, string Alert) Told(SharedCount count) => (count.Claimed, count.Alert);

    private static (decimal Value, bool Exceeds) Read(SharedCount count) => (count.Value, count.Exceeds);

    private static AlertRulePolicy Spike(int threshold, string window, string cooldown = "1h") =>
        new("r", new(AlertConditionType.RateSpike, threshold, Time(window)) { Event = EventTypes.ActionBlock }) { Cooldown = Time(cooldown) };

    private static TimeSpan Time(string text) => text == "5s" ? TimeSpan.FromSeconds(5) : TimeSpan.FromHours(1);

    private static Task Until(Func<Task<bool>> holds) => RedisServer.Until(holds);

    private static async Task<long> CardAsync(Watched instance, string prefix)
    {
        var key = instance.Redis.GetServers()[0].Keys(pattern: $"{prefix}alert:*:window").Select(static key => (string?)key).SingleOrDefault();
        return key is null ? 0 : await instance.Redis.GetDatabase().SortedSetLengthAsync(key);
    }

    /// <summary>An instance whose alerts are heard.</summary>
    private sealed class Watched(ConnectionMultiplexer redis, AegisGuard guard, ConcurrentQueue<string> told) : IAsyncDisposable
    {
        public ConnectionMultiplexer Redis => redis;

        public ConcurrentQueue<string> Told => told;

        public bool IsAway => guard.Alerts.Shared!.IsAway;

        public int Looks => guard.Alerts.Looks;

        public bool IsIdle => guard.Alerts.Shared!.IsIdle;

        public static async Task<Watched> StartAsync(RedisServer server, string prefix, AlertRulePolicy rule, TimeSpan? timeout = null)
        {
            var (redis, told) = (await server.ConnectAsync(), new ConcurrentQueue<string>());
            var policy = Instance.Open with { Capabilities = new(), Alerting = new() { Rules = [rule] } };
            return new(redis, AegisGuard.Create(policy, builder => builder.UseRedis(redis, timeout is { } patience ? Instance.Options(prefix) with { Timeout = patience } : Instance.Options(prefix)).UseStoreTimeout(TimeSpan.FromSeconds(20)).AddSink(new Sink(told))), told);
        }

        /// <summary>Has calls blocked.</summary>
        public async Task Block(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.False((await guard.InspectAsync(new ToolCall("get", ToolArguments.Empty) { Tools = guard.ToolsetOf([new("get")]) }, new SessionId("s"), Cancel)).MayProceed);
            }
        }

        /// <summary>The same at once, and without a store.</summary>
        public void Count(int times)
        {
            for (var i = 0; i < times; i++)
            {
                guard.Services.Events.Publish(new(DecisionId.Next(), new ToolCall("get", ToolArguments.Empty), new("s"), Verdict.Of(Finding.Block("test/found")), Decision.Block));
            }
        }

        public async ValueTask DisposeAsync()
        {
            guard.Dispose();
            await redis.DisposeAsync();
        }
    }
    private sealed class Sink(ConcurrentQueue<string> told) : IEventSink
    {
        public void Write(AegisEvent e)
        {
            if (e.Type is EventTypes.AlertFired or EventTypes.AlertResolved)
            {
                told.Enqueue(e.Type);
            }
        }
    }
}
