using Aegis.Guarding;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>A server that is gone, hangs, forgets, or is another one.</summary>
public sealed class OutageTests : IAsyncDisposable
{
    private static readonly SessionId Ann = new("c-1", "ann");
    private static readonly AegisPolicy TwentyCalls = Instance.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(20, TimeSpan.FromHours(1)) } };

    private static readonly AegisPolicy HundredCalls = Instance.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(100, TimeSpan.FromHours(1)) }, Session = new() { Outage = new() { LocalShare = 0.1 } } };

    private readonly RedisServer _server = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WhileItIsGoneNothingIsCountedAndWhatIsKnownIsReadForAMinute()
    {
        await _server.StartAsync();
        await using var one = await StartAsync();
        Assert.Equal("passes", await one.CallAsync(Ann));
        await one.Guard.Sessions.QuarantineAsync(new("c-2", "ann"), null, Instance.Cancel);
        Assert.Equal(0, OpenOf(one));

        _server.Kill();
        await RedisServer.Until(() => Task.FromResult(!one.Redis.IsConnected));

        Assert.Equal("session/unavailable", await one.CallAsync(Ann));
        var before = OpenOf(one);
        Assert.Equal("passes", await one.RuleOf(new UserInput("hello"), Ann));
        Assert.True(OpenOf(one) > before, $"{one.Guard.Health}");   // it went on with what was known last
        Assert.True(one.Guard.Health.IsDegraded);
        Assert.Equal("session/quarantined", await one.RuleOf(new UserInput("hello"), new("c-2", "ann")));
        Assert.Equal("session/unavailable", await one.RuleOf(new UserInput("hello"), new("c-3", "ann")));   // nobody knows whether it is locked
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("session/unavailable", await one.RuleOf(new UserInput("hello"), Ann));
        Assert.Equal("session/unavailable", await one.RuleOf(new UserInput("hello"), new("c-2", "ann")));
    }

    [Fact]
    public async Task WhenItIsBackEverythingGoesOnAndWhatItHasForgottenIsWrittenBack()
    {
        await _server.StartAsync();
        await using var one = await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:"));
        for (var i = 0; i < 15; i++)
        {
            Assert.Equal("passes", await one.CallAsync(Ann, n: i));
        }

        await one.Guard.Sessions.QuarantineAsync(new("c-2", "ann"), null, Instance.Cancel);
        _server.Kill();
        await RedisServer.Until(() => Task.FromResult(!one.Redis.IsConnected));
        Assert.Equal("session/unavailable", await one.CallAsync(Ann));

        await _server.StartAsync();   // empty
        await RedisServer.Until(() => Task.FromResult(one.Redis.IsConnected));
        await RedisServer.Until(async () => await one.CallAsync(Ann, n: 16) == "passes");
        var more = 0;
        for (var i = 17; i < 60; i++)
        {
            more += await one.CallAsync(Ann, n: i) == "passes" ? 1 : 0;
        }

        Assert.InRange(more, 0, 4);   // the sixteenth was one; what failed may have been counted
        Assert.Equal("session/quarantined", await one.RuleOf(new UserInput("hello"), new("c-2", "ann")));
        await using var fresh = await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:"));
        Assert.Equal("session/quarantined", await fresh.RuleOf(new UserInput("hello"), new("c-2", "ann")));
        Assert.Equal("limit/get", await fresh.CallAsync(Ann, n: 99));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatSomebodyFlushesIsWrittenBackByWhoeverKnowsMost(bool knowsAll)
    {
        await _server.StartAsync();
        await using var one = await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:"));
        await using var other = await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:"));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("passes", await (i < 17 ? one : other).CallAsync(Ann, n: i));
        }

        await RedisServer.Until(async () =>
        {
            await other.Store.ReadAsync(Ann, Instance.Cancel);   // it listens, and says that it does, with a question
            return other.Store.IsHearing;
        });
        await one.Redis.GetServer(_server.Endpoint).FlushAllDatabasesAsync();

        for (var i = 20; i < 30; i++)
        {
            Assert.Equal("limit/get", await ((i % 2 == 0) == knowsAll ? other : one).CallAsync(Ann, n: i));
        }

        await using var fresh = await StartAsync();
        Assert.Equal("limit/get", await fresh.CallAsync(Ann, n: 99));
    }

    [Fact]
    public async Task AServerThatHasNotHeardEverythingIsTold()
    {
        await _server.StartAsync();
        await using var one = await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:"));
        var key = Instance.KeyOf("o:", Ann);
        for (var i = 0; i < 10; i++)
        {
            await one.CallAsync(Ann, n: i);
        }

        var older = await one.Redis.GetDatabase().StringGetAsync(key);
        for (var i = 10; i < 20; i++)
        {
            Assert.Equal("passes", await one.CallAsync(Ann, n: i));
        }

        await one.Guard.Sessions.BanAsync(Ann, null, Instance.Cancel);
        await one.Redis.GetDatabase().StringSetAsync(key, older);   // as after a failover

        await using var fresh = await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:"));
        Assert.Equal("session/banned", await one.CallAsync(Ann, n: 20));
        await one.Guard.Sessions.ReleaseAsync(Ann, Instance.Cancel);
        Assert.Equal("limit/get", await one.CallAsync(Ann, n: 21));
        Assert.Equal("limit/get", await fresh.CallAsync(Ann, n: 22));
    }

    [Fact]
    public async Task AServerThatHangsIsNotWaitedForLongerThanTheTimeout()
    {
        await _server.StartAsync();
        await using var one = await StartAsync(TimeSpan.FromMilliseconds(80));
        await RedisServer.Until(async () => await one.CallAsync(Ann) == "passes");

        _server.Hang();
        try
        {
            var known = one.RuleOf(new UserInput("hello"), Ann);
            var call = one.CallAsync(Ann, n: 1);
            var unknown = one.RuleOf(new UserInput("hello"), new("c-3", "ann"));
            await AdvanceUntil(TimeSpan.FromMilliseconds(88), Task.WhenAll(known, call, unknown));
            Assert.Equal(("passes", "session/unavailable", "session/unavailable"), (await known, await call, await unknown));
        }
        finally
        {
            _server.GoOn();
        }

        await RedisServer.Until(async () =>
        {
            var again = one.CallAsync(Ann, n: 2);
            await Task.WhenAny(again, Task.Delay(TimeSpan.FromSeconds(2), Instance.Cancel));   // the server has a real clock
            await AdvanceUntil(TimeSpan.FromSeconds(1), again);
            return await again == "passes";
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WithAShareEachOfTwoInstancesLetsThatMuchThroughAndAfterwardsAllOfItCounts(bool isGone)
    {
        await _server.StartAsync();
        var options = Instance.Options("o:") with { Timeout = TimeSpan.FromSeconds(1) };
        await using var one = await Instance.StartAsync(_server, HundredCalls, options);
        await using var other = await Instance.StartAsync(_server, HundredCalls, options);
        await RedisServer.Until(async () => await one.CallAsync(Ann) == "passes");
        await RedisServer.Until(async () => await other.CallAsync(Ann) == "passes");
        await one.Store.UpdateAsync(Ann, static (state, _) => (state with { }, true), 0, Instance.Cancel);   // both know the same
        await one.Guard.Sessions.QuarantineAsync(new("c-2", "ann"), null, Instance.Cancel);
        await one.RuleOf(new UserInput("hello"), new("c-2", "ann"));

        if (isGone)
        {
            _server.Kill();
            await RedisServer.Until(() => Task.FromResult(!one.Redis.IsConnected && !other.Redis.IsConnected));
        }
        else
        {
            _server.Hang();
        }

        int here, there;
        try
        {
            (here, there) = (await CountAsync(one, 30), await CountAsync(other, 30));
            Assert.Equal("limit/get", await one.CallAsync(Ann, n: 98));
            Assert.Equal("session/quarantined", await one.CallAsync(new("c-2", "ann")));
            Assert.Equal("session/unavailable", await one.CallAsync(new("c-3", "ann")));   // nobody knows whether it is locked
        }
        finally
        {
            await (isGone ? _server.StartAsync() : Task.CompletedTask);   // empty
            if (!isGone)
            {
                _server.GoOn();
            }
        }

        Assert.Equal((9, 9), (here, there));   // a tenth of 98
        await RedisServer.Until(async () => await BookedAsync(one) && await BookedAsync(other));
        var rest = await CountAsync(one, 60) + await CountAsync(other, 60);
        Assert.InRange(rest, 78, 80);   // two and eighteen were granted; those that hung were counted too
        await using var fresh = await Instance.StartAsync(_server, HundredCalls, Instance.Options("o:"));
        Assert.Equal("limit/get", await fresh.CallAsync(Ann, n: 99));
    }

    [Fact]
    public async Task AWholeInspectionWaitsForItOnce()
    {
        await _server.StartAsync();
        await using var one = await Instance.StartAsync(_server, HundredCalls, Instance.Options("o:") with { Timeout = TimeSpan.FromMilliseconds(80) }, _time);
        await RedisServer.Until(async () => await one.CallAsync(Ann) == "passes");
        _time.Advance(TimeSpan.FromSeconds(20));   // it has not heard itself for long, so that everything is asked for: the session, its user, and what is counted

        _server.Hang();
        try
        {
            var waited = 0;
            var call = one.CallAsync(Ann, n: 1);
            await RedisServer.Until(() =>
            {
                waited += call.IsCompleted ? 0 : 1;
                _time.Advance(TimeSpan.FromMilliseconds(call.IsCompleted ? 0 : 1));
                return Task.FromResult(call.IsCompleted);
            });
            Assert.Equal("passes", await call);
            Assert.InRange(waited, 1, 100);
            Assert.Equal("passes", await one.CallAsync(Ann, n: 2));   // and the next one not at all: no time goes by here
            Assert.Equal("session/unavailable", await one.CallAsync(new("c-3", "ann")));
        }
        finally
        {
            _server.GoOn();
        }

        await RedisServer.Until(async () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return await BookedAsync(one);
        });
    }

    [Fact]
    public async Task AServiceStartsWithoutItAndBlocksUntilItIsThere()
    {
        await using var one = await StartAsync();
        Assert.Equal("session/unavailable", await one.RuleOf(new UserInput("hello"), Ann));

        await _server.StartAsync();
        await RedisServer.Until(async () => await one.CallAsync(Ann) == "passes");
    }

    [Fact]
    public async Task ScriptsThatTheServerHasForgottenAreSentAgain()
    {
        await _server.StartAsync();
        await using var one = await StartAsync();
        Assert.Equal("passes", await one.CallAsync(Ann, n: 1));
        await one.Redis.GetServer(_server.Endpoint).ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal("passes", await one.CallAsync(Ann, n: 2));
    }

    private async Task<Instance> StartAsync(TimeSpan? timeout = null) =>
        await Instance.StartAsync(_server, TwentyCalls, Instance.Options("o:") with { Timeout = timeout ?? TimeSpan.FromSeconds(10) }, _time);

    /// <summary>How often something went on with what was known last.</summary>
    private static long OpenOf(Instance instance) => instance.Guard.Health.Failures.Where(static failure => failure is { IsOpen: true, Rule: "session/unavailable" }).Sum(static failure => failure.Count);

    private static async Task<int> CountAsync(Instance instance, int tries)
    {
        var passed = 0;
        for (var i = 0; i < tries; i++)
        {
            passed += await instance.CallAsync(Ann, n: i) == "passes" ? 1 : 0;
        }

        return passed;
    }

    /// <summary>Whether what it spent by itself stands in Redis. That is so with the first change that Redis takes.</summary>
    private static async Task<bool> BookedAsync(Instance instance)
    {
        try
        {
            await instance.Guard.Pipeline.UpdateAsync(Ann, static (state, _) => (state, true), 0, Instance.Cancel);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
        }

        return LocalSessions.Of(instance.Store).IsEmpty;
    }

    /// <summary>Lets the clock go on in small steps, no further than this, while something waits for it.</summary>
    private async Task AdvanceUntil(TimeSpan most, Task waiting)
    {
        for (var gone = TimeSpan.Zero; gone < most && !waiting.IsCompleted; gone += TimeSpan.FromMilliseconds(1))
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
