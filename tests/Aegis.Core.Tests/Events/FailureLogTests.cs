using Aegis.Core.Tests.Guarding;
using Aegis.Core.Tests.Judging;
using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Events;

/// <summary>Promise P5: whatever a policy lets go on without an answer is counted, logged once per window, and visible in health.</summary>
public sealed class FailureLogTests : IDisposable
{
    private const string Taint = Aegis.Tests.Taint.Word;
    private const string Pack = """{"pack":"test","version":"1","rules":[{"id":"test/murky","category":"test","risk":0.8,"checkpoints":["input","tool-arguments","tool-result"],"pattern":"murky","match":["murky"],"pass":["clear"]}]}""";

    private static readonly SessionId Session = new("s");
    private static readonly AegisPolicy Judged = Given.Open with { Scanner = new() { Classifier = false, PerplexityEstimation = false } };
    private static readonly AegisPolicy Monitor = Given.Open with { Mode = PolicyMode.Monitor, ToolIntegrity = null };

    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _logs = new();
    private readonly ILoggerFactory _loggers;

    public FailureLogTests() => _loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs)));

    public void Dispose() => _loggers.Dispose();

    [Theory]
    [InlineData("judge/failed")]
    [InlineData("judge/unclear")]
    [InlineData("judge/unsure")]
    [InlineData("judge/too-long")]
    [InlineData("judge/timeout")]
    public async Task WhatAJudgeHasNotAnsweredAndThePolicyLetsGoOnIsAnOpenFailure(string rule)
    {
        var judge = rule switch
        {
            "judge/unclear" => new FakeJudge(JudgeVerdict.Unclear),
            "judge/unsure" => new FakeJudge(JudgeVerdict.Approve, 0.1),
            "judge/timeout" => new FakeJudge(async (_, cancellationToken) =>
            {
                _time.Advance(TimeSpan.FromHours(1));
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return new(JudgeVerdict.Approve, 1);
            }),
            _ => new FakeJudge((_, _) => throw new InvalidOperationException(Taint)),
        };
        var guard = Guard(Judged with { Judge = new() { OnFailure = JudgeFailure.Flag, MaxLength = 200 } }, more: builder => builder.UseJudge(judge).AddRulePack(Pack));
        var outcome = await guard.InspectAsync(guard.Call("get", rule == "judge/too-long" ? $"murky {new string('c', 200)}" : "murky"), Session, Given.Cancel);
        Assert.True(outcome.MayProceed);
        AssertOpen(guard, rule);
    }

    [Fact]
    public async Task WhatAPersonHasDecidedInsteadIsNoOpenFailure()
    {
        var guard = Guard(Judged with { Judge = new() { OnFailure = JudgeFailure.Ask } }, more: builder => builder.UseJudge(new FakeJudge((_, _) => throw new InvalidOperationException(Taint))).AddRulePack(Pack).UseApprover((_, _) => new(true)));
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", "murky"), Session));
        Assert.Equal(("judge/failed", false), Assert.Single(guard.Health.Failures) is var failure ? (failure.Rule, failure.IsOpen) : default);
    }

    [Fact]
    public async Task WhatIsBlockedIsCountedAndIsNoOpenFailure()
    {
        var guard = Guard(Given.Open, more: builder => builder.AddGuard(new Throwing()));
        Assert.Equal("throwing/failed", await guard.RuleOf(new UserInput("x"), Session));
        var failure = Assert.Single(guard.Health.Failures);
        Assert.Equal(("throwing/failed", false, 1L, true), (failure.Rule, failure.IsOpen, failure.Count, failure.IsRecent));
        Assert.True(guard.Health.IsDegraded);
        Assert.DoesNotContain(_logs.GetSnapshot(), static entry => entry.Message.StartsWith("Open failure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AJudgeThatHasAnsweredIsNoFailure()
    {
        var guard = Guard(Judged with { Judge = new() }, more: builder => builder.UseJudge(new FakeJudge(JudgeVerdict.Unclear)).AddRulePack(Pack));
        Assert.Equal("judge/unclear", await guard.RuleOf(new UserInput("murky"), Session));
        Assert.Empty(guard.Health.Failures);   // whoever types cannot make an instance look ill
    }

    [Fact]
    public async Task InMonitorModeAGuardThatThrowsFailsOpen()
    {
        var guard = Guard(Monitor, more: builder => builder.AddGuard(new Throwing()));
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
        AssertOpen(guard, "throwing/failed");
    }

    [Fact]
    public async Task InMonitorModeAStoreThatIsAwayFailsOpen()
    {
        var store = new SharedStore(new MemorySessionStore(time: _time), _time) { IsAway = true };
        var guard = Guard(Monitor, store);
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
        AssertOpen(guard, "session/unavailable");
    }

    [Fact]
    public async Task InMonitorModeARequiredAuditLogThatDoesNotWorkFailsOpen()
    {
        await using var guard = Guard(Monitor with { Audit = new() { Path = "/dev/null/audit.jsonl", Required = true, Timeout = TimeSpan.FromSeconds(1) } }, more: static builder => builder.UseTimeProvider(TimeProvider.System));
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
        AssertOpen(guard, "audit/unavailable");
    }

    [Fact]
    public async Task WhatAnInstanceSpendsWithoutTheStoreIsAnOpenFailureUntilItIsBooked()
    {
        var store = new SharedStore(new MemorySessionStore(time: _time), _time);
        var guard = Guard(Given.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(100, TimeSpan.FromHours(1)) }, ToolIntegrity = null, Session = new() { Outage = new() } }, store);
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get"), Session));
        Assert.Equal(0, guard.Health.UnbookedSessions);
        store.IsAway = true;
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get"), Session));
        AssertOpen(guard, "session/local-share");
        Assert.Equal(1, guard.Health.UnbookedSessions);
        Assert.Contains("the store of sessions is away: 1 sessions go on without it", guard.Health.Reasons);

        store.IsAway = false;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get"), Session));
        Assert.Equal(0, guard.Health.UnbookedSessions);
    }

    [Fact]
    public async Task GoingOnWithWhatAStoreHasKnownLastIsAnOpenFailure()
    {
        var store = new Remembering();
        var guard = Guard(Given.Open, store);
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
        Assert.False(guard.Health.IsDegraded);
        store.IsOld = true;
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
        AssertOpen(guard, "session/unavailable");
    }

    [Fact]
    public async Task AnOpenFailureIsLoggedAtOnceAndThenOnceInFiveMinutesWithItsNumber()
    {
        var guard = Guard(Monitor, more: builder => builder.AddGuard(new Throwing()));
        for (var minute = 0; minute < 10; minute++)
        {
            await guard.RuleOf(new UserInput("x"), Session);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(
            ["Open failure throwing/failed: nobody answered, and it went on as the policy says, 1 times since this was said last, 1 in all; this is said once in five minutes",
             "Open failure throwing/failed: nobody answered, and it went on as the policy says, 5 times since this was said last, 6 in all; this is said once in five minutes"],
            _logs.GetSnapshot().Where(static entry => entry.Level == LogLevel.Error).Select(static entry => entry.Message));
        Assert.Equal(10, Assert.Single(guard.Health.Failures).Count);
    }

    [Fact]
    public async Task FiveMinutesWithoutOneAreHealthyAndTheNumberStays()
    {
        var guard = Guard(Monitor, more: builder => builder.AddGuard(new Throwing()));
        await guard.RuleOf(new UserInput("x"), Session);
        _time.Advance(FailureLog.Window - TimeSpan.FromTicks(1));
        Assert.True(guard.Health.IsDegraded);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(guard.Health.IsDegraded);
        Assert.Equal((1, false), Assert.Single(guard.Health.Failures) is var failure ? (failure.Count, failure.IsRecent) : default);
    }

    [Fact]
    public void CountsAreExactFromManyThreads()
    {
        var failures = new FailureLog(_time, _loggers.CreateLogger("x"));
        Parallel.For(0, 1_000, i => failures.Count("a/failed", isOpen: i % 4 == 0));
        Assert.Equal([(true, 250L), (false, 750L)], failures.Counts.Select(static count => (count.IsOpen, count.Count)));
        Assert.Single(_logs.GetSnapshot());
    }

    private void AssertOpen(AegisGuard guard, string rule)
    {
        var failure = Assert.Single(guard.Health.Failures, failure => failure.Rule == rule);
        Assert.True(failure is { IsOpen: true, IsRecent: true, Count: 1 }, $"{failure}");
        Assert.True(guard.Health.IsDegraded);
        Assert.Contains(guard.Health.Reasons, reason => reason.StartsWith($"{rule}: nobody answered, and it went on (1 times, last ", StringComparison.Ordinal));
        Assert.Single(_logs.GetSnapshot(), entry => entry.Level == LogLevel.Error && entry.Message.StartsWith($"Open failure {rule}: ", StringComparison.Ordinal));
        Assert.DoesNotContain(_logs.GetSnapshot(), static entry => entry.Message.Contains(Taint, StringComparison.Ordinal));
        Assert.DoesNotContain(Taint, guard.Health.ToString(), StringComparison.Ordinal);
    }

    private AegisGuard Guard(AegisPolicy policy, ISessionStore? store = null, Action<AegisBuilder>? more = null) => Given.Guard(policy, _time, store, builder =>
    {
        builder.UseLoggerFactory(_loggers);
        more?.Invoke(builder);
    });

    private sealed class Throwing : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => throw new InvalidOperationException(Taint);
    }

    /// <summary>A store that says when it has asked nobody.</summary>
    private sealed class Remembering : ISessionStore, IRememberingStore
    {
        private readonly MemorySessionStore _inner = new();

        public bool IsOld { get; set; }

        public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken) => _inner.ReadAsync(id, cancellationToken);

        public async ValueTask<(SessionState State, bool IsOld)> ReadKnownAsync(SessionId id, CancellationToken cancellationToken) => (await ReadAsync(id, cancellationToken), IsOld);

        public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) =>
            _inner.UpdateAsync(id, change, argument, cancellationToken);
    }
}
