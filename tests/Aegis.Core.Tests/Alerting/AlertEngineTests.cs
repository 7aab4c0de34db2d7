using Aegis.Alerting;
using Aegis.Events;
using Aegis.Policies;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Alerting;

/// <summary>When rules fire, for whom, and when it is over.</summary>
public class AlertEngineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void AThresholdMeansMoreThanIt()
    {
        using var alerts = new Alerts(Alerts.Spike(3));
        alerts.Hear(Alerts.Blocked(), 3);
        Assert.Equal("", alerts.Told);
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r!", alerts.Told);
        var e = Assert.Single(alerts.Heard);
        Assert.Equal("r: scan_block events more than 3 in 60 s: 4", e.Verdict.Findings[0].Detail);
        Assert.Equal(("p", "h"), (e.Policy, e.PolicyHash));
    }

    [Fact]
    public void AThresholdOfZeroFiresAtTheFirst()
    {
        using var alerts = new Alerts(Alerts.Spike(0));
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r!", alerts.Told);
    }

    [Fact]
    public void AWindowIsExact()
    {
        using var alerts = new Alerts(Alerts.Spike(1));
        alerts.Hear(Alerts.Blocked());
        alerts.Time.Advance(TimeSpan.FromSeconds(60));
        alerts.Hear(Alerts.Blocked());   // the first has just left
        Assert.Equal("", alerts.Told);
        alerts.Time.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(1));
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r!", alerts.Told);
    }

    [Fact]
    public void ACooldownIsExact()
    {
        using var alerts = new Alerts(Alerts.Spike(0, seconds: 1_000, cooldown: 60));
        alerts.Hear(Alerts.Blocked());
        alerts.Time.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(1));
        alerts.Hear(Alerts.Blocked(), 10);
        Assert.Equal("r!", alerts.Told);
        alerts.Time.Advance(TimeSpan.FromTicks(1));
        alerts.Hear(Alerts.Blocked(), 10);
        Assert.Equal("r! r!", alerts.Told);
    }

    [Fact]
    public void UnrelatedEventsNeitherFireNorFireAgain()
    {
        using var alerts = new Alerts(Alerts.Spike(2, seconds: 3_600, cooldown: 1));
        alerts.Hear(Alerts.Passed(), 100);
        alerts.Hear(Alerts.Blocked(), 3);
        alerts.Time.Advance(TimeSpan.FromMinutes(1));
        alerts.Hear(Alerts.Passed(), 100);
        alerts.Hear(Alerts.Of(new ToolCall("get", Aegis.Tools.ToolArguments.Empty), Decision.Block), 100);
        Assert.Equal("r!", alerts.Told);
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r! r!", alerts.Told);
    }

    [Fact]
    public void ItIsOverWhenTheWindowHasEndedAndNotBefore()
    {
        using var alerts = new Alerts(Alerts.Spike(1));
        alerts.Hear(Alerts.Blocked());
        alerts.Time.Advance(10 * Second);
        alerts.Hear(Alerts.Blocked());
        alerts.Time.Advance(40 * Second);
        alerts.Hear(Alerts.Blocked());   // so that the second keeps it going
        alerts.Time.Advance(20 * Second - TimeSpan.FromTicks(1));
        Assert.Equal("r!", alerts.Told);
        alerts.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("r! r.", alerts.Told);
        Assert.Equal("r: scan_block events no longer more than 1 in 60 s", alerts.Heard[1].Verdict.Findings[0].Detail);
        alerts.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("r! r.", alerts.Told);
    }

    [Fact]
    public async Task AnAlertKeepsItsIdUntilItIsOver()
    {
        var told = new List<Alert>();
        using var called = new SemaphoreSlim(0);
        var rule = Alerts.Spike(0, seconds: 100, cooldown: 10) with { Action = AlertAction.Callback };
        using var alerts = new Alerts(new FakeTimeProvider(), [(null, (alert, _) =>
        {
            told.Add(alert);
            called.Release();
            return default;
        })], rule);
        alerts.Hear(Alerts.Blocked());
        await CalledAsync();
        alerts.Time.Advance(10 * Second);
        alerts.Hear(Alerts.Blocked());
        await CalledAsync();
        alerts.Time.Advance(100 * Second);
        await CalledAsync();
        alerts.Hear(Alerts.Blocked());
        await CalledAsync();
        Assert.Equal([AlertState.Fired, AlertState.Fired, AlertState.Resolved, AlertState.Fired], told.Select(static alert => alert.State));
        Assert.Single(told.Take(3).Select(static alert => alert.Id).Distinct());
        Assert.NotEqual(told[0].Id, told[3].Id);

        async Task CalledAsync() => Assert.True(await called.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(AlertScope.Session, "r! r!")]
    [InlineData(AlertScope.Principal, "r!")]
    [InlineData(AlertScope.Tenant, "r!")]
    [InlineData(AlertScope.All, "r!")]
    public void EachSessionUserOrTenantHasACountAndACooldownOfItsOwn(AlertScope per, string told)
    {
        using var alerts = new Alerts(Alerts.Spike(1) with { Per = per });
        foreach (var id in new[] { "a", "b" })
        {
            alerts.Hear(Alerts.Blocked(new(id, "ann", "acme")), 3);
        }

        Assert.Equal(told, alerts.Told);
    }

    [Fact]
    public void OneShortOfTheThresholdInEachOfManySessionsIsNoAlertPerSession()
    {
        using var alerts = new Alerts(Alerts.Spike(2) with { Per = AlertScope.Session });
        for (var i = 0; i < 1_000; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))), 2);
        }

        Assert.Equal("", alerts.Told);
    }

    [Fact]
    public void RequestsOfNobodyCountTogether()
    {
        using var alerts = new Alerts(Alerts.Rule(AlertConditionType.RepeatedAttacker, 2));
        for (var i = 0; i < 3; i++)
        {
            alerts.Hear(Alerts.Attack(SessionId.Anonymous(FormattableString.Invariant($"run-{i}"))));
        }

        Assert.Equal("r!", alerts.Told);
    }

    [Fact]
    public void SessionKillsAreEndedRunsAndLockedSessions()
    {
        using var alerts = new Alerts(Alerts.Rule(AlertConditionType.SessionKills, 1));
        alerts.Hear(new(DecisionId.Next(), subject: null, new("s"), Verdict.None, Decision.Allow) { Lock = SessionLockKind.Quarantined });
        alerts.Hear(new(DecisionId.Next(), subject: null, new("s"), Verdict.None, Decision.Allow) { Lock = SessionLockKind.None });
        Assert.Equal("", alerts.Told);
        alerts.Hear(new(DecisionId.Next(), new ModelStep(Aegis.Tools.Toolset.Empty), new("s"), Verdict.Of(Finding.Block("budget/steps") with { Ends = RunEnd.Gracefully }), Decision.Block));
        Assert.Equal("r!", alerts.Told);
    }

    [Fact]
    public void ACostIsASumOfMoney()
    {
        using var alerts = new Alerts(Alerts.Rule(AlertConditionType.CostAnomaly, 1.5m, 3_600));
        alerts.Hear(Alerts.Cost(0.5m), 3);
        alerts.Hear(Alerts.Passed(), 1_000);
        Assert.Equal("", alerts.Told);   // as much, not more
        alerts.Hear(Alerts.Cost(0.000001m));
        Assert.Equal("r!", alerts.Told);
        Assert.Equal("r: cost more than 1.5 in 3600 s: 1.500001", alerts.Heard[0].Verdict.Findings[0].Detail);
        alerts.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("r! r.", alerts.Told);
    }

    [Fact]
    public void OneBlockOfOneScanIsNoRate()
    {
        using var alerts = new Alerts(Alerts.Rule(AlertConditionType.ScanBlockRate, 0.5m));
        alerts.Hear(Alerts.Blocked(), 19);
        Assert.Equal("", alerts.Told);   // 20 is the least
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r!", alerts.Told);
    }

    [Fact]
    public void AShareIsOfAllTextsThatWereScanned()
    {
        using var alerts = new Alerts(Alerts.Rule(AlertConditionType.ScanBlockRate, 0.5m) with { Condition = new(AlertConditionType.ScanBlockRate, 0.5m, TimeSpan.FromMinutes(1)) { Minimum = 2 } });
        alerts.Hear(Alerts.Passed(), 1_000);
        alerts.Hear(Alerts.Blocked(), 1_000);
        Assert.Equal("", alerts.Told);   // a half, not more
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r!", alerts.Told);
    }

    [Fact]
    public void ARepeatedAttackerIsASessionInWhichMuchWasTypedThatAttacks()
    {
        using var alerts = new Alerts(Alerts.Rule(AlertConditionType.RepeatedAttacker, 2));
        alerts.Hear(Alerts.Attack(new("a")), 2);
        alerts.Hear(Alerts.Attack(new("b")), 2);
        alerts.Hear(Alerts.Blocked(new("a")), 5);
        alerts.Hear(Alerts.Of(new ToolCall("get", Aegis.Tools.ToolArguments.Empty), Decision.Block, new("a")), 5);
        alerts.Hear(Alerts.Of(new UserInput("x"), Decision.Flag, new("a")), 5);
        alerts.Hear(Alerts.Passed(new("a")), 5);
        Assert.Equal("", alerts.Told);
        alerts.Hear(Alerts.Attack(new("a")));
        Assert.Equal("r!", alerts.Told);
        Assert.Equal(new SessionId("a"), alerts.Heard[0].Session);
    }

    /// <summary>The wall clock is not asked: only how much time has gone by.</summary>
    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    public void AClockThatJumpsChangesNothing(int minutes)
    {
        var clock = new JumpingClock();
        using var alerts = new Alerts(clock, [], Alerts.Spike(1, seconds: 60, cooldown: 60));
        alerts.Hear(Alerts.Blocked());
        clock.Jump(TimeSpan.FromMinutes(minutes));
        alerts.Hear(Alerts.Blocked());
        clock.Jump(TimeSpan.FromMinutes(minutes));
        alerts.Hear(Alerts.Blocked(), 5);
        Assert.Equal("r!", alerts.Told);
        clock.Pass(TimeSpan.FromSeconds(60));
        alerts.Hear(Alerts.Blocked(), 2);
        Assert.Equal("r! r!", alerts.Told);
    }

    /// <summary>Against a list of everything, for any rule and any events.</summary>
    [Fact]
    public void RulesFireAsAListOfEverythingSays() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 30], Gen.Int[1, 30], Gen.Select(Gen.Int[0, 6], Gen.Int[0, 2], Gen.Bool).Array[1, 120]).Sample(static (threshold, seconds, cooldown, steps) =>
        {
            using var alerts = new Alerts(Alerts.Spike(threshold, seconds, cooldown) with { Per = AlertScope.Session });
            var (all, fired, expected, now) = (new List<(string Session, long At)>(), new Dictionary<string, long>(), 0, 0L);
            foreach (var (step, whose, isBlocked) in steps)
            {
                alerts.Time.Advance(TimeSpan.FromSeconds(step));
                now += step;
                var id = FormattableString.Invariant($"s{whose}");
                alerts.Hear(isBlocked ? Alerts.Blocked(new(id)) : Alerts.Passed(new(id)));
                if (!isBlocked)
                {
                    continue;
                }

                all.Add((id, now));
                if (all.Count(entry => entry.Session == id && now - entry.At < seconds) > threshold && (!fired.TryGetValue(id, out var last) || now - last >= cooldown))
                {
                    fired[id] = now;
                    expected++;
                }
            }

            Assert.Equal(expected, alerts.Heard.Count(static e => e.Type == EventTypes.AlertFired));
            alerts.Time.Advance(TimeSpan.FromMinutes(2));   // everything is over then
            var open = new HashSet<SessionId>();
            Assert.All(alerts.Heard, e => Assert.True(e.Type == EventTypes.AlertFired ? open.Add(e.Session) || true : open.Remove(e.Session)));
            Assert.Empty(open);
        });

    [Fact]
    public void AFloodFromManyThreadsIsCountedToTheLastEvent()
    {
        using var alerts = new Alerts(Alerts.Spike(99_999, seconds: 3_600));
        var e = Alerts.Blocked();
        Parallel.For(0, 99_999, _ => alerts.Engine.Write(e));
        Assert.Equal("", alerts.Told);
        alerts.Hear(e);
        Assert.Equal("r!", alerts.Told);
    }

    /// <summary>Promise P39: whoever opens sessions without end fills nothing. The one that was counted longest ago is forgotten, and its alert is over.</summary>
    [Fact]
    public void SessionsWithoutEndFillNothing()
    {
        using var alerts = new Alerts(Alerts.Spike(0, seconds: 3_600) with { Per = AlertScope.Session });
        alerts.Hear(Alerts.Blocked(new("first")));
        for (var i = 0; i < AlertAccounts.MostKeys + 50; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
        }

        var counter = Assert.Single(alerts.Engine.Table.All);
        Assert.Equal((AlertAccounts.MostKeys, 51), (counter.Keys, counter.Forgotten));
        Assert.True(counter.Slots <= AlertAccounts.MostSlots);
        Assert.Equal("alert_resolved", alerts.Heard.First(static e => e.Session == new SessionId("first") && e.Type != EventTypes.AlertFired).Type);
    }

    [Fact]
    public void ManyRulesShareWhatMayBeRemembered()
    {
        using var alerts = new Alerts([Alerts.Spike(0, seconds: 3_600) with { Per = AlertScope.Session }, .. Enumerable.Range(0, 999).Select(static i => Alerts.Spike(0, id: FormattableString.Invariant($"r{i}"), e: EventTypes.PolicyReload))]);
        for (var i = 0; i < 5_000; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
        }

        Assert.Equal(AlertAccounts.MostKeys / 1_000, alerts.Engine.Table.All[0].Keys);
        Assert.InRange(alerts.Engine.Looks, 1, 1_025);   // nobody waits for what was forgotten
    }

    [Fact]
    public void LargeWindowsOfManySessionsFillNothingAndHideNobody()
    {
        using var alerts = new Alerts(Alerts.Spike(9_999, seconds: 3_600) with { Per = AlertScope.Session });
        for (var i = 0; i < 300; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))), 9_999);
        }

        Assert.Equal("", alerts.Told);
        for (var i = 0; i < 300; i++)   // by turns, so that each would hide the others if there were room for 200
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
        }

        var counter = Assert.Single(alerts.Engine.Table.All);
        Assert.InRange(counter.Slots, 1, AlertAccounts.MostSlots);
        Assert.Equal((0, 300), (counter.Forgotten, alerts.Heard.Count));
    }

    [Fact]
    public void RulesThatHaveNotChangedKeepWhatTheyHaveCounted()
    {
        using var alerts = new Alerts(Alerts.Spike(2), Alerts.Spike(2, id: "other"));
        alerts.Hear(Alerts.Blocked(), 2);
        alerts.Adopt(Alerts.Spike(2), Alerts.Spike(2, seconds: 61, id: "other"));
        alerts.Hear(Alerts.Blocked());
        Assert.Equal("r!", alerts.Told);   // the other one is a new rule
    }

    [Fact]
    public void ARuleThatIsGoneIsOver()
    {
        using var alerts = new Alerts(Alerts.Spike(0));
        alerts.Hear(Alerts.Blocked());
        alerts.Adopt();
        Assert.Equal("r! r.", alerts.Told);
        alerts.Hear(Alerts.Blocked(), 10);
        alerts.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("r! r.", alerts.Told);
    }

    [Fact]
    public void AlertsCountAsNoEvents() => Assert.DoesNotContain(EventTypes.Countable, static type => type is EventTypes.AlertFired or EventTypes.AlertResolved);

    [Fact]
    public void EveryOtherKindOfEventCanBeCounted() => Assert.Equal(
        typeof(EventTypes).GetFields().Where(static field => field.IsLiteral).Select(static field => (string)field.GetRawConstantValue()!).Except([EventTypes.AlertFired, EventTypes.AlertResolved]).Order(StringComparer.Ordinal),
        EventTypes.Countable.Order(StringComparer.Ordinal));

    private sealed class JumpingClock : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 6, 30, 12, 0, 0, TimeSpan.Zero);
        private long _stamp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Jump(TimeSpan by) => _wall += by;

        public void Pass(TimeSpan time)
        {
            _wall += time;
            _stamp += time.Ticks;
        }

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _stamp;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FakeTimeProvider().CreateTimer(callback, state, dueTime, period);
    }
}
