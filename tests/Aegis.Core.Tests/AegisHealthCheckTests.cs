using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests;

/// <summary>What an operator sees of a guard.</summary>
public class AegisHealthCheckTests
{
    private const string Taint = Aegis.Tests.Taint.Word;

    private static readonly SessionId Session = new("s");

    [Fact]
    public async Task AGuardThatIsWellNamesItsPolicy()
    {
        await using var guard = Given.Guard(Given.Open with { Name = "mine" });
        var health = guard.Health;
        Assert.Equal(("mine", 16, PolicyMode.Enforce, false, "Healthy"), (health.Policy, health.PolicyHash.Length, health.Mode, health.IsDegraded, health.ToString()));
        var result = await CheckAsync(guard);
        Assert.Equal((HealthStatus.Healthy, "mine", health.PolicyHash, "Enforce"), (result.Status, result.Data["policy.name"], result.Data["policy.hash"], result.Data["policy.mode"]));
        Assert.DoesNotContain("audit.dropped", result.Data.Keys);
        Assert.DoesNotContain("alerts.undelivered", result.Data.Keys);
    }

    [Fact]
    public async Task AnAlertThatDoesNotArriveIsSeenUntilOneDoes()
    {
        var (time, works) = (new FakeTimeProvider(), false);
        await using var guard = Given.Guard(
            Given.Open with { Input = new() { MaxLength = 3 }, Alerting = new() { Rules = [new("many", new(AlertConditionType.RateSpike, 0, TimeSpan.FromMinutes(1)) { Event = EventTypes.PolicyViolation }) { Action = AlertAction.Callback, Cooldown = TimeSpan.FromSeconds(1) }] } },
            time,
            more: builder => builder.OnAlert((_, _) => works ? default : throw new InvalidOperationException(Taint)));
        await guard.RuleOf(new UserInput("too long"), Session);
        await UntilAsync(() => guard.Health.IsDegraded);
        Assert.Equal((1, "many: InvalidOperationException"), (guard.Health.Alerts!.Undelivered, guard.Health.Alerts.Failing));
        var result = await CheckAsync(guard);
        Assert.Equal((HealthStatus.Degraded, "alerts do not arrive: many: InvalidOperationException (1 not delivered)", 1L), (result.Status, result.Description, result.Data["alerts.undelivered"]));

        works = true;
        time.Advance(TimeSpan.FromSeconds(2));
        await guard.RuleOf(new UserInput("too long"), Session);
        await UntilAsync(() => !guard.Health.IsDegraded);
        Assert.Equal(1, guard.Health.Alerts!.Undelivered);
    }

    [Fact]
    public async Task WindowsThatInstancesShareAreSeenWhenTheyDoNotAnswer()
    {
        await using var guard = Given.Guard(
            Given.Open with { Input = new() { MaxLength = 3 }, Alerting = new() { Rules = [new("many", new(AlertConditionType.RateSpike, 0, TimeSpan.FromMinutes(1)) { Event = EventTypes.PolicyViolation })] } },
            more: static builder => builder.UseAlertWindows(new Away()));
        Assert.Equal((0L, null), (guard.Health.Alerts!.CountedAlone, guard.Health.Alerts.Failing));
        await guard.RuleOf(new UserInput("too long"), Session);
        await UntilAsync(() => guard.Health.IsDegraded);
        Assert.Equal((1L, "the windows that instances share do not answer"), (guard.Health.Alerts!.CountedAlone, guard.Health.Alerts.Failing));
    }

    [Fact]
    public async Task ASinkThatRefusesEventsIsSeenUntilItTakesOne()
    {
        var sink = new Sink();
        await using var guard = Given.Guard(Given.Open, more: builder => builder.AddSink(sink));
        await guard.RuleOf(new UserInput("x"), Session);
        Assert.Equal((1, "Sink"), (guard.Health.LostEvents, Assert.Single(guard.Health.FailingSinks)));
        Assert.Equal("the event sink Sink does not take events", (await CheckAsync(guard)).Description);
        sink.Works = true;
        await guard.RuleOf(new UserInput("x"), Session);
        Assert.Equal((1, false), (guard.Health.LostEvents, guard.Health.IsDegraded));
    }

    [Fact]
    public async Task ATransportThatHangsAndLosesRecordsIsSeenThoughItThrowsNothing()
    {
        var hanging = new Hanging();
        var guard = Given.Guard(Given.Open with { Audit = new() { Transports = ["hanging"], Level = AuditLevel.All } }, more: builder => builder.AddAuditTransport("hanging", hanging));
        for (var i = 0; i < AuditLane.Capacity + 1_000 && !guard.Health.IsDegraded; i++)
        {
            await guard.RuleOf(new UserInput("x"), Session);
        }

        var health = guard.Health.Audit!;
        Assert.True(health.Dropped > 0 && health.Waiting > 1_000 && health.Failures == 0, $"{health}");
        Assert.Equal("hanging: it does not keep up, and 1 records are lost", health.Failing);
        Assert.False(health.IsBlocking);
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(guard)).Status);
        hanging.Goes.SetResult();
        await guard.FlushAuditAsync(Given.Cancel);
        Assert.False(guard.Health.IsDegraded);   // the loss is in the records now
        await guard.DisposeAsync();
    }

    private static Task<HealthCheckResult> CheckAsync(AegisGuard guard) => new AegisHealthCheck(guard).CheckHealthAsync(new(), Given.Cancel);

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Given.Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Sink : IEventSink
    {
        public bool Works { get; set; }

        public void Write(AegisEvent e)
        {
            if (!Works)
            {
                throw new InvalidOperationException(Taint);
            }
        }
    }

    private sealed class Away : IAlertWindows
    {
        public TimeSpan Patience => TimeSpan.FromSeconds(1);

        public ValueTask<SharedCount> CountAsync(AlertRule rule, SessionId key, long amount, long rest, string alert) => throw new TimeoutException(Taint);

        public ValueTask<SharedCount> LookAsync(AlertRule rule, SessionId key, string alert) => throw new TimeoutException(Taint);
    }

    private sealed class Hanging : IAuditTransport
    {
        public TaskCompletionSource Goes { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken) => await Goes.Task.WaitAsync(cancellationToken);
    }
}
