using System.Collections.Concurrent;
using Aegis.Policies;

namespace Aegis.Redis.Tests;

/// <summary>Several instances on one server are one.</summary>
public sealed class RedisSessionStoreTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly SessionId Ann = new("c-1", "ann");
    private static readonly AegisPolicy TwentyCalls = Instance.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(20, TimeSpan.FromHours(1)) } };

    private static readonly SessionId Nobodys = new("c-1");   // no account of a user beside it

    private readonly string _prefix = $"t{Guid.NewGuid():N}:";

    [Fact]
    public async Task OfFiftyTimesTheLimitExactlyTheLimitPassesAtTwoInstances()
    {
        await using var one = await StartAsync(TwentyCalls);
        await using var other = await StartAsync(TwentyCalls);

        var rules = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(() => (i % 2 == 0 ? one : other).CallAsync(Ann, n: i))));

        Assert.Equal(20, rules.Count(static rule => rule == "passes"));
        Assert.Equal(980, rules.Count(static rule => rule == "limit/get"));
    }

    [Fact]
    public async Task AThousandAgentsOnOneBudgetSpendNoMoreThanItHolds()
    {
        await using var one = await StartAsync(Instance.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(700, TimeSpan.FromHours(1)) } });

        var rules = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(() => one.CallAsync(Ann, n: i))));

        Assert.Equal(700, rules.Count(static rule => rule == "passes"));
        TestContext.Current.SendDiagnosticMessage("a thousand calls on one budget took {0} round trips", one.Store.RoundTrips);
        Assert.InRange(one.Store.RoundTrips, 2, 900);   // what waits is written together
    }

    [Fact]
    public async Task ARestartForgetsNothing()
    {
        await using (var before = await StartAsync(TwentyCalls))
        {
            for (var i = 0; i < 15; i++)
            {
                Assert.Equal("passes", await before.CallAsync(Ann, n: i));
            }

            await before.Guard.Sessions.QuarantineAsync(new("c-2", "ann"), null, Instance.Cancel);
        }

        await using var after = await StartAsync(TwentyCalls);
        var rules = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => after.CallAsync(Ann, n: i)));
        Assert.Equal(5, rules.Count(static rule => rule == "passes"));
        Assert.Equal("session/quarantined", await after.RuleOf(new UserInput("hello"), new("c-2", "ann")));
        Assert.Equal("passes", await after.RuleOf(new UserInput("hello"), new("c-2", "bob")));
    }

    [Fact]
    public async Task AnInspectionIsOneRoundTripAndNoneWhereNothingIsCounted()
    {
        await using var one = await StartAsync(TwentyCalls);
        await HearingAsync(one);
        await one.RuleOf(new UserInput("hello"), Ann);   // opens the run's account
        var before = one.Store.RoundTrips;

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("passes", await one.RuleOf(new UserInput("hello"), Ann));
        }

        Assert.Equal(before, one.Store.RoundTrips);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("passes", await one.CallAsync(Ann, n: i));
        }

        Assert.Equal(before + 10, one.Store.RoundTrips);
    }

    [Fact]
    public async Task ALockThatAnotherInstanceSetsOrLiftsIsHeardOf()
    {
        await using var one = await StartAsync(Instance.Open);
        await using var other = await StartAsync(Instance.Open);
        await HearingAsync(one);
        Assert.Equal("passes", await one.RuleOf(new UserInput("hello"), Ann));
        Assert.Equal("passes", await one.RuleOf(new UserInput("hello"), Ann));

        await other.Guard.Sessions.BanAsync(Ann, null, Instance.Cancel);
        await RedisServer.Until(async () => await one.RuleOf(new UserInput("hello"), Ann) == "session/banned");

        await other.Guard.Sessions.ReleaseAsync(Ann, Instance.Cancel);
        await RedisServer.Until(async () => await one.RuleOf(new UserInput("hello"), Ann) == "passes");
    }

    [Fact]
    public async Task WhoeverDoesNotHearAsks()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var one = await Instance.StartAsync(server, Instance.Open, Options, time);
        await using var other = await StartAsync(Instance.Open);
        await HearingAsync(one);
        await one.RuleOf(new UserInput("hello"), Nobodys);
        await other.Guard.Sessions.BanAsync(new("c-3", "ann"), null, Instance.Cancel);

        time.Advance(TimeSpan.FromSeconds(10));   // nothing has been heard since
        var before = one.Store.RoundTrips;
        Assert.Equal("passes", await one.RuleOf(new UserInput("hello"), Nobodys));
        Assert.Equal(before + 1, one.Store.RoundTrips);
    }

    [Fact]
    public async Task WhatIsKnownCountsForAMinuteAtMost()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var one = await Instance.StartAsync(server, Instance.Open, Options, time);
        await HearingAsync(one);
        await one.RuleOf(new UserInput("hello"), Nobodys);
        for (var second = 0; second < 60; second += 4)
        {
            time.Advance(TimeSpan.FromSeconds(4));
            await one.Guard.Sessions.GetAsync(new(FormattableString.Invariant($"other-{second}")), Instance.Cancel);   // which is asked for, and so it hears
            await RedisServer.Until(() => Task.FromResult(one.Store.IsHearing));
        }

        var before = one.Store.RoundTrips;
        await one.RuleOf(new UserInput("hello"), Nobodys);
        Assert.Equal(before + 1, one.Store.RoundTrips);
        await one.RuleOf(new UserInput("hello"), Nobodys);
        Assert.Equal(before + 1, one.Store.RoundTrips);
    }

    [Fact]
    public async Task NoChangeIsLostWhoeverMakesIt()
    {
        var instances = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync(Instance.Open)));
        var budget = new Budget("r", "s", "k", BudgetMeter.ToolCalls, long.MaxValue, TimeSpan.FromHours(1));
        var sums = new ConcurrentDictionary<int, long>();
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => Task.Run(async () =>
        {
            var (session, amount) = (i % 3, (i % 7) + 1);
            await instances[i % 4].Store.UpdateAsync(new SessionId(FormattableString.Invariant($"c-{session}")), static (state, spend) => Ledger.Settle(state, [spend], default, DateTimeOffset.UtcNow), new Spend(budget, amount), Instance.Cancel);
            sums.AddOrUpdate(session, amount, (_, sum) => sum + amount);
        })));

        await using var reader = await StartAsync(Instance.Open);
        foreach (var (session, sum) in sums)
        {
            var state = await reader.Store.ReadAsync(new(FormattableString.Invariant($"c-{session}")), Instance.Cancel);
            Assert.Equal(sum, state.Used(budget, DateTimeOffset.UtcNow));
        }

        await Task.WhenAll(instances.Select(static instance => instance.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task AChangeThatThrowsFailsAloneAndOneThatIsCancelledDoesNothing()
    {
        await using var one = await StartAsync(Instance.Open);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var bad = one.Store.UpdateAsync<int, int>(Ann, static (_, _) => throw new InvalidTimeZoneException(), 0, Instance.Cancel).AsTask();
        var good = one.Store.UpdateAsync(Ann, static (state, _) => (state with { Labels = SessionLabels.Private }, 7), 0, Instance.Cancel).AsTask();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => bad);
        Assert.Equal(7, await good);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await one.Store.UpdateAsync(Ann, static (state, _) => (state with { Labels = SessionLabels.Both }, 7), 0, cancelled.Token));
        Assert.Equal(SessionLabels.Private, (await one.Store.ReadAsync(Ann, Instance.Cancel)).Labels);
    }

    [Fact]
    public async Task SessionsAreForgottenWhenNothingInThemCountsAndNotBefore()
    {
        await using var one = await Instance.StartAsync(server, TwentyCalls with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(20, TimeSpan.FromDays(30)) } }, Options with { TimeToLive = TimeSpan.FromHours(1) });
        await one.RuleOf(new UserInput("hello"), new("idle"));
        await one.CallAsync(new("counting"));
        await one.Guard.Sessions.QuarantineAsync(new("set-aside"), null, Instance.Cancel);
        await one.Guard.Sessions.BanAsync(new("banned"), TimeSpan.FromDays(90), Instance.Cancel);

        Assert.InRange((await LeftAsync("idle"))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.InRange((await LeftAsync("counting"))!.Value, TimeSpan.FromDays(29), TimeSpan.FromDays(30));
        Assert.InRange((await LeftAsync("banned"))!.Value, TimeSpan.FromDays(89), TimeSpan.FromDays(90));
        Assert.Null(await LeftAsync("set-aside"));   // until it is released
        await one.Guard.Sessions.ReleaseAsync(new("set-aside"), Instance.Cancel);
        Assert.NotNull(await LeftAsync("set-aside"));

        async Task<TimeSpan?> LeftAsync(string id) => await one.Redis.GetDatabase().KeyTimeToLiveAsync(Instance.KeyOf(_prefix, new(id)));
    }

    [Fact]
    public async Task UseThatCountsNothingKeepsASessionToo()
    {
        await using var one = await Instance.StartAsync(server, TwentyCalls, Options with { KnownFor = TimeSpan.Zero });
        await one.CallAsync(Nobodys);
        var (key, database) = (Instance.KeyOf(_prefix, Nobodys), one.Redis.GetDatabase());
        await database.KeyExpireAsync(key, TimeSpan.FromHours(1));
        await one.Guard.Sessions.GetAsync(Nobodys, Instance.Cancel);
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromDays(6.9), TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task WhatNobodyComesBackToIsKeptWhileItCounts()
    {
        await using var one = await StartAsync(TwentyCalls);
        var run = new AegisRun(one.Guard, null, null, startedByMessages: true);
        var key = Instance.KeyOf(_prefix, run.Session);
        await one.Guard.Pipeline.InspectAsync(new UserInput("hello"), run, Instance.Cancel);
        Assert.InRange((await one.Redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(1.5), TimeSpan.FromHours(2));
        await one.Guard.Pipeline.EndAsync(run, Instance.Cancel);
        Assert.InRange((await one.Redis.GetDatabase().KeyTimeToLiveAsync(key)) ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(2));
    }

    public static TheoryData<string> Rubbish => ["nothing", "text", "an older schema", "a newer schema", "another session's", "half", "a flipped bit", "a stamp alone", "a list", "ten megabytes"];

    [Theory, MemberData(nameof(Rubbish))]
    public async Task WhatIsNoStateOfTheSessionBlocksAndIsNotWrittenOver(string what)
    {
        await using var one = await StartAsync(TwentyCalls);
        await one.CallAsync(Ann);
        await one.CallAsync(new("c-9", "bob"));
        var (key, database) = (Instance.KeyOf(_prefix, Ann), one.Redis.GetDatabase());
        var (mine, others) = (await one.StoredAsync(_prefix, Ann), await one.StoredAsync(_prefix, new("c-9", "bob")));
        byte[] rubbish = what switch
        {
            "nothing" => [0],
            "text" => [.. "session".Select(static c => (byte)c)],
            "an older schema" => [.. mine[..16], 1, .. mine[17..]],
            "a newer schema" => [.. mine[..16], 3, .. mine[17..]],
            "another session's" => others,
            "half" => mine[..(mine.Length / 2)],
            "a flipped bit" => [.. mine[..20], (byte)(mine[20] ^ 4), .. mine[21..]],
            "a stamp alone" => mine[..16],
            "ten megabytes" => new byte[10 * 1024 * 1024],
            _ => [],
        };
        await database.KeyDeleteAsync(key);
        if (what == "a list")
        {
            await database.ListRightPushAsync(key, "x");
        }
        else
        {
            await database.StringSetAsync(key, rubbish);
        }

        await using var fresh = await StartAsync(TwentyCalls);
        Assert.Equal("session/unavailable", await fresh.RuleOf(new UserInput("hello"), Ann));
        Assert.Equal("session/unavailable", await fresh.CallAsync(Ann));
        Assert.Equal("passes", await fresh.CallAsync(new("c-9", "bob")));
        if (what != "a list")
        {
            Assert.Equal(rubbish, await fresh.StoredAsync(_prefix, Ann));
        }
    }

    [Fact]
    public async Task WithAKeyNobodyElseCanMakeAStateUp()
    {
        var options = Options with { Key = new byte[32] };
        await using var one = await Instance.StartAsync(server, TwentyCalls, options);
        await one.CallAsync(Ann);
        var signed = await one.StoredAsync(_prefix, Ann);

        await using var forger = await StartAsync(TwentyCalls);
        Assert.Equal("session/unavailable", await forger.CallAsync(Ann));   // what is signed says more than it knows
        await forger.Redis.GetDatabase().StringSetAsync(Instance.KeyOf(_prefix, Ann), signed[..^32]);
        await using var another = await Instance.StartAsync(server, TwentyCalls, options);
        Assert.Equal("session/unavailable", await another.CallAsync(Ann));
        await using var wrong = await Instance.StartAsync(server, TwentyCalls, options with { Key = Enumerable.Repeat((byte)1, 32).ToArray() });
        await one.Redis.GetDatabase().StringSetAsync(Instance.KeyOf(_prefix, Ann), signed);
        Assert.Equal("session/unavailable", await wrong.CallAsync(Ann));
        Assert.Equal("passes", await another.CallAsync(Ann));
    }

    [Fact]
    public async Task InstancesWithOtherClocksCountTheSameWindows()
    {
        var now = DateTimeOffset.UtcNow;
        var policy = TwentyCalls with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(20, TimeSpan.FromMinutes(5)) } };
        await using var right = await StartAsync(policy);
        await using var ahead = await Instance.StartAsync(server, policy, Options, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(now.AddMinutes(10)));
        await using var behind = await Instance.StartAsync(server, policy, Options, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(now.AddMinutes(-10)));
        await using var lost = await Instance.StartAsync(server, policy, Options, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch));
        var passed = 0;
        foreach (var instance in new[] { ahead, right, behind, lost, right, ahead, lost, behind })
        {
            for (var i = 0; i < 20; i++)
            {
                passed += await instance.CallAsync(Ann, n: i) == "passes" ? 1 : 0;
            }
        }

        Assert.Equal(20, passed);
        Assert.All(new[] { right, ahead, behind, lost }, instance => Assert.InRange(instance.Store.Now - now, TimeSpan.FromSeconds(-2), TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task AnInstanceWhoseClockStoodStillSpendsInTheSameWindow()
    {
        var policy = TwentyCalls with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(20, TimeSpan.FromSeconds(3)) } };
        await using var stands = await Instance.StartAsync(server, policy, Options, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow));
        await stands.Guard.Sessions.GetAsync(Nobodys, Instance.Cancel);
        var began = stands.Store.Now;
        await using var right = await StartAsync(policy);
        await RedisServer.Until(async () =>
        {
            await right.Guard.Sessions.GetAsync(new("warm"), Instance.Cancel);
            return right.Store.Now - began > TimeSpan.FromSeconds(4);
        });

        await stands.CallAsync(Nobodys);
        var meter = (await right.Store.ReadAsync(Nobodys, Instance.Cancel)).Meters.Single(static meter => meter.Account.Window == TimeSpan.FromSeconds(3).Ticks);
        Assert.Equal(1, meter.Used(began + TimeSpan.FromSeconds(4)));
        await stands.CallAsync(Nobodys, n: 1);
        meter = (await right.Store.UpdateAsync(Nobodys, static (state, _) => (state with { Labels = SessionLabels.Private }, state), 0, Instance.Cancel)).Meters.Single(static meter => meter.Account.Window == TimeSpan.FromSeconds(3).Ticks);
        Assert.Equal(2, meter.Used(began + TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public async Task EverySessionHasItsOwn()
    {
        var sessions = Extent.Of(10_000, 200);
        await using var one = await StartAsync(TwentyCalls);
        await using var other = await StartAsync(TwentyCalls);
        var passed = new int[sessions];
        await Parallel.ForEachAsync(Enumerable.Range(0, sessions * 24), Instance.Cancel, async (i, _) =>
        {
            if (await (i % 2 == 0 ? one : other).CallAsync(new(FormattableString.Invariant($"c-{i % sessions}"), FormattableString.Invariant($"user-{i % sessions % 7}")), n: i) == "passes")
            {
                Interlocked.Increment(ref passed[i % sessions]);
            }
        });

        Assert.All(passed, static count => Assert.Equal(20, count));
    }

    [Fact]
    public async Task AStateTakesAHundredBytesOrSo()
    {
        await using var one = await StartAsync(AegisPolicy.Preset("balanced") with { Capabilities = new() { Allow = ["*"] }, ToolIntegrity = null });
        await one.RuleOf(new UserInput("What is on my calendar today?"), Ann);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("passes", await one.CallAsync(Ann, "search", i));
        }

        var bytes = (await one.StoredAsync(_prefix, Ann)).Length;
        TestContext.Current.SendDiagnosticMessage("a session with one run of five calls takes {0} bytes in Redis", bytes);
        Assert.InRange(bytes, 33, 400);
    }

    [Theory]
    [InlineData("Timeout")]
    [InlineData("KnownFor")]
    [InlineData("TimeToLive")]
    [InlineData("Capacity")]
    [InlineData("Key")]
    public async Task AnOptionThatMakesNoSenseIsRefused(string option)
    {
        await using var redis = await server.ConnectAsync();
        var options = option switch
        {
            "Timeout" => Options with { Timeout = TimeSpan.Zero },
            "KnownFor" => Options with { KnownFor = TimeSpan.FromDays(1) },
            "TimeToLive" => Options with { TimeToLive = TimeSpan.FromSeconds(1) },
            "Capacity" => Options with { Capacity = 0 },
            _ => Options with { Key = new byte[31] },
        };
        Assert.Contains(option, Assert.Throws<ArgumentException>("options", () => new RedisSessionStore(redis, options)).Message, StringComparison.Ordinal);
    }

    private RedisSessionOptions Options => Instance.Options(_prefix);

    private Task<Instance> StartAsync(AegisPolicy policy) => Instance.StartAsync(server, policy, Options);

    /// <summary>It has heard itself.</summary>
    private static Task HearingAsync(Instance instance) => RedisServer.Until(async () =>
    {
        if (!instance.Store.IsHearing)
        {
            await instance.Store.ReadAsync(new($"warm-{Guid.NewGuid():N}"), Instance.Cancel);
        }

        return instance.Store.IsHearing;
    });
}
