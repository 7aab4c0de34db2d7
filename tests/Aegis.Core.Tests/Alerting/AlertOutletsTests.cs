using Aegis.Alerting;
using Aegis.Policies;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Alerting;

/// <summary>What is done about alerts, and that nobody waits for it.</summary>
public class AlertOutletsTests
{
    private static readonly AlertRulePolicy Called = Alerts.Spike(0, seconds: 3_600, cooldown: 1) with { Action = AlertAction.Callback };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ALogHoldsNoLineBreakNoEscapeAndNoTurnedText()
    {
        using var alerts = new Alerts(Alerts.Spike(0) with { Per = AlertScope.Session });
        alerts.Hear(Alerts.Blocked(new("a\u202Eevil\u2028b\u200B\uFEFF\u2066", "ann\u2029", "acme")));   // a session's id has no control characters as it is
        await Until(() => alerts.Log.Collector.Count > 0);
        var record = alerts.Log.LatestRecord;
        Assert.Equal(LogLevel.Warning, record.Level);
        Assert.Contains("session a\uFFFDevil\uFFFDb\uFFFD\uFFFD\uFFFD of user ann\uFFFD of tenant acme", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACallbackThatThrowsIsLoggedByItsTypeAndTheNextIsCalled()
    {
        var calls = 0;
        using var alerts = new Alerts(new FakeTimeProvider(), [(null, (_, _) => throw new InvalidOperationException("S3CR3T-TAINT")), ("r", (_, _) => Count()), ("other", (_, _) => Count())], Called);
        alerts.Hear(Alerts.Blocked());
        await Until(() => alerts.Log.Collector.Count > 0);
        Assert.Equal(1, Volatile.Read(ref calls));
        Assert.StartsWith("Alert of rule r was not delivered by Callback: InvalidOperationException (alert ", alerts.Log.LatestRecord.Message, StringComparison.Ordinal);
        Assert.Null(alerts.Log.LatestRecord.Exception);

        ValueTask Count()
        {
            Interlocked.Increment(ref calls);
            return default;
        }
    }

    [Fact]
    public async Task ACallbackThatHangsHoldsUpNoRequestAndNoOtherRule()
    {
        var (hangs, other) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var alerts = new Alerts(
            new FakeTimeProvider(),
            [("r", async (_, _) => await hangs.Task), ("other", (_, _) =>
            {
                other.TrySetResult();
                return default;
            })],
            Called with { Per = AlertScope.Session },
            Called with { Id = "other" });
        for (var i = 0; i < 3 * AlertLane.Capacity; i++)
        {
            alerts.Hear(Alerts.Blocked(new(FormattableString.Invariant($"s{i}"))));
            alerts.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await other.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.True(alerts.Outlets.Dropped >= AlertLane.Capacity, $"{alerts.Outlets.Dropped}");
        Assert.Equal(3 * AlertLane.Capacity, alerts.Heard.Count(static e => e.Verdict.Rule == "alert/r"));   // the other sinks have heard of all
        Assert.InRange(alerts.Log.Collector.GetSnapshot().Count(static record => record.Message.StartsWith("Alerts of rule r are lost: 64 of them wait already", StringComparison.Ordinal)), 2, 3);   // once a minute
        Assert.Equal((alerts.Outlets.Dropped, true), (alerts.Engine.Health!.Dropped, alerts.Engine.Health.IsDegraded));
        hangs.SetResult();
    }

    [Fact]
    public async Task ACallbackThatHangsIsLeftBehindAfterTwoMinutes()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var calls = 0;
        using var alerts = new Alerts(
            new FakeTimeProvider(),
            [(null, async (_, _) =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                {
                    first.SetResult();
                    await new TaskCompletionSource().Task;
                }

                second.TrySetResult();
            })],
            Called);
        alerts.Hear(Alerts.Blocked());
        await first.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        alerts.Time.Advance(TimeSpan.FromSeconds(1));
        alerts.Hear(Alerts.Blocked());
        alerts.Time.Advance(AlertLane.Longest);
        await second.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await Until(() => alerts.Log.Collector.Count > 0);
        Assert.Contains("TaskCanceledException", alerts.Log.Collector.GetSnapshot()[0].Message, StringComparison.Ordinal);
    }

    private static async Task Until(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds())
        {
            await often.WaitForNextTickAsync(late.Token);
        }
    }
}
