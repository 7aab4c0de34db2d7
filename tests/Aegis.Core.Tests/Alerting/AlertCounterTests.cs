using Aegis.Alerting;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Alerting;

/// <summary>Where many have to be counted for in little room.</summary>
public class AlertCounterTests
{
    /// <summary>Users who are busy all day must not hide each other from a rule that counts for each of them.</summary>
    [Fact]
    public void ManyBusyUsersAreCountedInCoarserPartsBeforeAnybodyIsForgotten()
    {
        var rule = new AlertRule(Alerts.Rule(AlertConditionType.CostAnomaly, 2.999m, 3_600) with { Per = AlertScope.Principal });
        var (time, users) = (new FakeTimeProvider(), 700);
        var counter = new AlertCounter(rule, time, rules: 10);
        var fired = 0;
        for (var round = 0; round < 300; round++)
        {
            for (var user = 0; user < users; user++)
            {
                fired += counter.Count(SessionId.OfPrincipal(FormattableString.Invariant($"u{user}")), 10_000, 0, decides: true, out _) is null ? 0 : 1;
            }

            time.Advance(TimeSpan.FromSeconds(12));
        }

        Assert.Equal((users, 0, users), (fired, counter.Forgotten, counter.Keys));   // 300 times 0.01 is more than 2.999, at the last
        Assert.InRange(counter.Slots, 1, AlertAccounts.MostSlots / 10);
    }

    [Fact]
    public void WhoHasNothingInTheWindowIsForgottenFirstAndThatIsNoLoss()
    {
        var (counter, time) = Full(100);
        time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(counter.Count(Key(1_000 + i), 1, 0, decides: true, out _));
        }

        Assert.Equal((100, 0, false, 0), (counter.Keys, counter.Forgotten, counter.IsForgetting, counter.TakeUnsaid()));
    }

    [Fact]
    public void WhatIsLostIsSaidOnceInAWindow()
    {
        var (counter, time) = Full(100);
        var said = new List<long>();
        for (var i = 0; i < 180; i++)
        {
            counter.Count(Key(1_000 + i), 1, 0, decides: true, out _);
            said.Add(counter.TakeUnsaid());
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal([1, 121], said.Where(static count => count > 0));   // a minute is 120 of them
        Assert.Equal(180, counter.Forgotten);
        Assert.True(counter.IsForgetting);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(counter.IsForgetting);
    }

    [Fact]
    public void ABoundThatHasBecomeSmallerIsKeptToStepByStep()
    {
        var (counter, _) = Full(1_000, rules: 1);
        counter.Adopt(counter.Rule, 1_000);
        counter.Count(Key(0), 1, 0, decides: true, out _);
        Assert.Equal(1_000 - AlertAccounts.MostSteps, counter.Keys);
        for (var i = 0; i < 20; i++)
        {
            counter.Count(Key(0), 1, 0, decides: true, out _);
        }

        Assert.Equal((100, 900), (counter.Keys, counter.Forgotten));
    }

    [Fact]
    public void ALossIsInTheLogAndInHealth()
    {
        using var alerts = new Alerts([Alerts.Spike(5) with { Per = AlertScope.Session }, .. Enumerable.Range(0, 999).Select(static i => Alerts.Spike(0, id: FormattableString.Invariant($"r{i}"), e: EventTypes.PolicyReload))]);
        for (var i = 0; i < 150; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
        }

        Assert.Single(alerts.Log.Collector.GetSnapshot(), static record => record.Message.StartsWith("Alert rule r has more sessions, users or tenants to count for than there is room: 1 counts were forgotten so far", StringComparison.Ordinal));
        Assert.Equal((50, true, "r: it has more to count for than there is room"), (alerts.Engine.Health!.Forgotten, alerts.Engine.Health.IsDegraded, alerts.Engine.Health.Failing));
        alerts.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((50, false), (alerts.Engine.Health!.Forgotten, alerts.Engine.Health.IsDegraded));
        alerts.Adopt(Alerts.Spike(0, id: "other"));
        Assert.Equal(50, alerts.Engine.Health!.Forgotten);
        alerts.Adopt();
        Assert.Null(alerts.Engine.Health);
    }

    private static SessionId Key(int number) => new(FormattableString.Invariant($"s{number}"));

    private static (AlertCounter Counter, FakeTimeProvider Time) Full(int keys, int rules = 1_000)
    {
        var time = new FakeTimeProvider();
        var counter = new AlertCounter(new(Alerts.Spike(5) with { Per = AlertScope.Session }), time, rules);
        for (var i = 0; i < keys; i++)
        {
            counter.Count(Key(i), 1, 0, decides: true, out _);
        }

        Assert.Equal(keys, counter.Keys);
        return (counter, time);
    }
}
