using Aegis.Alerting;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Alerting;

/// <summary>Nothing that shared windows have claimed is told by nobody, and nobody waits for them.</summary>
public class SharedAlertsTests
{
    private static readonly AlertRulePolicy Few = Alerts.Spike(5, seconds: 3_600, cooldown: 600);
    private static readonly AlertRulePolicy One = Alerts.Spike(0, seconds: 3_600, cooldown: 600);

    [Fact]
    public async Task WhatALateAnswerClaimsIsTold()
    {
        var answer = new TaskCompletionSource<SharedCount>();
        using var alerts = new Alerts(new FakeWindows { Counts = _ => answer.Task }, Few);
        alerts.Hear(Alerts.Blocked());   // one of this instance alone is not too much
        await AwayAsync(alerts);
        Assert.Equal("", alerts.Told);
        answer.SetResult(FakeWindows.Claimed("x"));
        await Until(() => alerts.Told == "r!");
    }

    [Fact]
    public async Task WhatWasToldWithoutAnAnswerIsNotToldAgainWhenOneComes()
    {
        var (answer, suggested) = (new TaskCompletionSource<SharedCount>(), "");
        var windows = new FakeWindows();
        windows.Counts = alert =>
        {
            suggested = alert;
            return answer.Task;
        };
        using var alerts = new Alerts(windows, One);
        alerts.Hear(Alerts.Blocked());
        await Until(() => !windows.Counted.IsEmpty);
        await AwayAsync(alerts);
        await Until(() => alerts.Told == "r!");
        answer.SetResult(FakeWindows.Claimed(suggested));
        await Until(() => alerts.Engine.Shared!.IsIdle);
        Assert.Equal("r!", alerts.Told);
        alerts.Time.Advance(TimeSpan.FromHours(1));
        await Until(() => alerts.Told == "r! r.");
        Assert.Equal([suggested], windows.Looked);   // all instances know it by its id
    }

    [Fact]
    public void WhatWasForgottenMeanwhileIsToldAllTheSame()
    {
        var counter = new AlertCounter(new(Few with { Per = AlertScope.Session }), new FakeTimeProvider(), rules: 1_000);
        counter.Count(new("first"), 1, 0, decides: false, out _);
        for (var i = 0; i < 100; i++)
        {
            counter.Count(new(FormattableString.Invariant($"s{i}")), 1, 0, decides: false, out _);
        }

        Assert.Equal((100, 1), (counter.Keys, counter.Forgotten));
        var told = counter.Fire(new("first"), 6, "x");
        Assert.Equal(("x", AlertState.Fired, 6, true), (told[^1].Alert, told[^1].State, told[^1].Value, told[^1].IsNew));
        Assert.Equal(100, counter.Keys);
    }

    /// <summary>On call it is an incident that somebody has to close.</summary>
    [Fact]
    public async Task WhatFiredInAnOutageIsOverWhenItIsOver()
    {
        var windows = new FakeWindows { Counts = static _ => throw new IOException() };
        using var alerts = new Alerts(windows, One);
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Told == "r!");
        windows.Counts = static _ => Task.FromResult(FakeWindows.Few with { Alert = "another" });
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Engine.Shared!.IsIdle);
        alerts.Time.Advance(TimeSpan.FromHours(1));
        await Until(() => alerts.Told == "r! r.");
        Assert.Empty(windows.Looked);   // nobody else knows it
    }

    [Theory]
    [InlineData(true, "r! r!")]
    [InlineData(false, "r! r. r!")]
    public async Task AnOutagesAlertGoesOnUnderTheIdThatAllKnow(bool takesMine, string told)
    {
        var windows = new FakeWindows { Counts = static _ => throw new IOException() };
        using var alerts = new Alerts(windows, One);
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Told == "r!");
        windows.Counts = mine => Task.FromResult(FakeWindows.Claimed(takesMine ? mine : "another"));
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Engine.Shared!.IsIdle && !alerts.Engine.Shared.IsAway);
        Assert.Equal("r!", alerts.Told);   // that is the same cooldown
        alerts.Time.Advance(TimeSpan.FromMinutes(10));
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Told == told);
    }

    [Fact]
    public async Task WhileNobodyAnswersTheOwnWindowsDecideAtOnce()
    {
        using var alerts = new Alerts(new FakeWindows { Counts = static _ => new TaskCompletionSource<SharedCount>().Task }, One with { Per = AlertScope.Session });
        for (var i = 0; i < 3 * SharedAlerts.Batch; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
        }

        await AwayAsync(alerts);
        alerts.Hear(Alerts.Blocked(new("now")));
        Assert.Contains(alerts.Heard, static e => e.Session == new SessionId("now"));
    }

    [Fact]
    public async Task QuestionsThatCameTogetherAreWaitedForOnce()
    {
        var windows = new FakeWindows { Counts = static _ => new TaskCompletionSource<SharedCount>().Task };
        using var alerts = new Alerts(windows, One with { Per = AlertScope.Session });
        alerts.Hear(Alerts.Blocked(new("first")));
        await Until(() => windows.Counted.Count == 1);
        for (var i = 0; i < SharedAlerts.Batch; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
        }

        await Until(() =>
        {
            alerts.Time.Advance(TimeSpan.FromMilliseconds(80));
            return windows.Counted.Count > 1;
        });
        await Until(() => windows.Counted.Count == SharedAlerts.Batch + 1);
    }

    /// <summary>An instance may end before what it has told is over.</summary>
    [Fact]
    public async Task WhatAnInstanceToldThatHasEndedIsOverForOthers()
    {
        var windows = new FakeWindows { Counts = static _ => Task.FromResult(FakeWindows.Few with { Exceeds = true, Alert = "theirs" }) };
        using var alerts = new Alerts(windows, Few);
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Engine.Looks == 1 && alerts.Engine.Shared!.IsIdle);
        windows.Looks = static _ => Task.FromResult(FakeWindows.Few with { Exceeds = true, Next = TimeSpan.FromMinutes(1) });
        alerts.Time.Advance(TimeSpan.FromHours(1));
        await Until(() => windows.Looked.Count == 1 && alerts.Engine.Looks == 1);
        Assert.Equal("", alerts.Told);   // it goes on
        windows.Looks = static _ => Task.FromResult(FakeWindows.Few with { Claimed = true });
        alerts.Time.Advance(TimeSpan.FromMinutes(1));
        await Until(() => alerts.Told == "r.");
        Assert.Equal(["theirs", "theirs"], windows.Looked);
    }

    [Fact]
    public async Task WhatOthersSayIsOverIsSaidOnce()
    {
        var windows = new FakeWindows { Counts = static alert => Task.FromResult(FakeWindows.Claimed(alert)), Looks = static _ => Task.FromResult(FakeWindows.Few) };
        using var alerts = new Alerts(windows, Few);
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Told == "r!");
        alerts.Time.Advance(TimeSpan.FromHours(1));
        await Until(() => windows.Looked.Count == 1 && alerts.Engine.Shared!.IsIdle);
        alerts.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(("r!", 0), (alerts.Told, alerts.Engine.Looks));
    }

    /// <summary>Lets what waits for an answer run out of time.</summary>
    private static Task AwayAsync(Alerts alerts) => Until(() =>
    {
        alerts.Time.Advance(TimeSpan.FromMilliseconds(80));
        return alerts.Engine.Shared!.IsAway;
    });

    private static async Task Until(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds())
        {
            await often.WaitForNextTickAsync(late.Token);
        }
    }
}
