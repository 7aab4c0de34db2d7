using Aegis.Events;
using Aegis.Tools;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

public class AegisSessionsTests
{
    private static readonly SessionId Session = new("s", "user-42");

    [Theory, InlineData(SessionLockKind.Quarantined, "session/quarantined"), InlineData(SessionLockKind.Banned, "session/banned")]
    public async Task ALockBlocksEverySubjectUntilItIsReleased(SessionLockKind kind, string rule)
    {
        var guard = Given.Guard(Given.Open);
        var run = guard.Run(Session);
        Subject[] subjects =
        [
            new UserInput("x"), new ToolDefinition("get", "x"), new ModelStep(Toolset.Empty), new ModelStep(Toolset.Empty) { Closing = true },
            guard.Call("get"), new ToolResult("get", "x"), new OutputWindow("x"), new ModelOutput("x"),
        ];
        var kinds = typeof(Subject).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(Subject)) && !type.IsAbstract);
        Assert.Equal(kinds.OrderBy(static type => type.Name), subjects.Select(static subject => subject.GetType()).Distinct().OrderBy(static type => type.Name));

        await (kind == SessionLockKind.Banned ? guard.Sessions.BanAsync(Session, null, Given.Cancel) : guard.Sessions.QuarantineAsync(Session, null, Given.Cancel));
        foreach (var subject in subjects)
        {
            var inspection = await run.InspectAsync(subject);
            Assert.Equal((rule, Decision.Block, RunEnd.Now), (inspection.Verdict.Rule, inspection.Decision, inspection.Ends));
        }

        Assert.Equal("passes", await guard.RuleOf(subjects[0], new("s")));   // the same id of nobody is another session
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);
        Assert.Equal("passes", await run.RuleOf(subjects[0]));
    }

    [Theory, InlineData(SessionLockKind.Quarantined, "session/quarantined"), InlineData(SessionLockKind.Banned, "session/banned")]
    public async Task ALockOnAUserHoldsInAllSessionsOfThatUserUntilItIsReleased(SessionLockKind kind, string rule)
    {
        var (guard, user) = (Given.Guard(Given.Open), SessionId.OfPrincipal("user-42"));
        await (kind == SessionLockKind.Banned ? guard.Sessions.BanAsync(user, null, Given.Cancel) : guard.Sessions.QuarantineAsync(user, null, Given.Cancel));
        Assert.Equal(kind, (await guard.Sessions.GetAsync(user, Given.Cancel)).Lock!.Kind);
        foreach (var session in new SessionId[] { Session, new("another", "user-42") })
        {
            foreach (var subject in new Subject[] { new UserInput("x"), new ModelStep(Toolset.Empty), guard.Call("get"), new ToolResult("get", "x"), new OutputWindow("x") })
            {
                var inspection = await guard.Run(session).InspectAsync(subject);
                Assert.Equal((rule, RunEnd.Now, "all sessions of this user, until released"), (inspection.Verdict.Rule, inspection.Ends, inspection.Verdict.Findings[0].Detail));
            }
        }

        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), new("s", "user-43")));
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);   // another lock
        Assert.Equal(rule, await guard.RuleOf(new UserInput("x"), Session));
        await guard.Sessions.ReleaseAsync(user, Given.Cancel);
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
    }

    [Fact]
    public async Task AnEventSaysWhoHasLockedAndWhy()
    {
        var events = new List<AegisEvent>();
        var guard = Given.Guard(Given.Open, more: builder => builder.AddSink(new Sink(events)));
        var operators = guard.Sessions.By("ops-7", "ticket 4711");
        await operators.BanAsync(Session, TimeSpan.FromMinutes(5), Given.Cancel);
        await operators.ReleaseAsync(Session, Given.Cancel);
        await guard.Sessions.By("job").QuarantineAsync(Session, null, Given.Cancel);
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);

        Assert.Equal(
            [("ops-7", "ticket 4711", guard.Now.AddMinutes(5)), ("ops-7", "ticket 4711", null), ("job", null, null), (null, null, (DateTimeOffset?)null)],
            events.Select(static e => (e.By, e.Reason, e.LockedUntil)));
        Assert.Throws<ArgumentException>("who", () => guard.Sessions.By(""));
        Assert.Throws<ArgumentException>("reason", () => guard.Sessions.By("ops", "a\nfake: record"));
    }

    [Fact]
    public async Task AReleaseForgetsAttacksAndNearMissesAndOfAStrangerNothing()
    {
        var guard = Given.Guard(Given.Open);
        await guard.Services.Store.UpdateAsync(Session, static (state, _) => (state with { Strikes = [new(256, long.MaxValue)], Risks = new([RiskMark.Of("a", 140)], long.MaxValue), Labels = SessionLabels.Untrusted }, 0), 0, Given.Cancel);
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);
        Assert.Equal(SessionState.Empty with { Labels = SessionLabels.Untrusted }, await guard.Sessions.GetAsync(Session, Given.Cancel));
        await guard.Sessions.ReleaseAsync(new("stranger"), Given.Cancel);
        Assert.Same(SessionState.Empty, await guard.Sessions.GetAsync(new("stranger"), Given.Cancel));
    }

    [Fact]
    public async Task ALockLastsByTheClockOfTheStoreThatHasNotBeenAskedYet()
    {
        var store = new LateClock(new FakeTimeProvider().GetUtcNow());
        var guard = Given.Guard(Given.Open, store: store);
        await guard.Sessions.BanAsync(Session, TimeSpan.FromMinutes(30), Given.Cancel);
        Assert.Equal(store.Now.AddMinutes(30), (await guard.Sessions.GetAsync(Session, Given.Cancel)).Lock!.Until);
    }

    /// <summary>A store that is an hour ahead of this process, which it says with the first answer.</summary>
    private sealed class LateClock(DateTimeOffset own) : ISessionStore, ISharedClock
    {
        private readonly MemorySessionStore _inner = new();
        private bool _isAsked;

        public DateTimeOffset Now => _isAsked ? own.AddHours(1) : own;

        public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken)
        {
            _isAsked = true;
            return _inner.ReadAsync(id, cancellationToken);
        }

        public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken)
        {
            _isAsked = true;
            return _inner.UpdateAsync(id, change, argument, cancellationToken);
        }
    }

    [Fact]
    public async Task ALockEndsByItself()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(Given.Open, time);
        await guard.Sessions.BanAsync(Session, TimeSpan.FromMinutes(5), Given.Cancel);
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal("session/banned", await guard.RuleOf(new UserInput("x"), Session));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
    }

    [Fact]
    public async Task TheLastLockCounts()
    {
        var guard = Given.Guard(Given.Open);
        await guard.Sessions.QuarantineAsync(Session, null, Given.Cancel);
        await guard.Sessions.BanAsync(Session, TimeSpan.FromMinutes(5), Given.Cancel);
        var held = (await guard.Sessions.GetAsync(Session, Given.Cancel)).Lock!;

        Assert.Equal((SessionLockKind.Banned, guard.Now.AddMinutes(5)), (held.Kind, held.Until));
    }

    [Theory, InlineData(-10), InlineData(10), InlineData(1_000)]
    public async Task AWallClockThatJumpsEndsNeitherLocksNorWindows(int minutes)
    {
        var clock = new WallClock();
        var store = new MemorySessionStore(capacity: 16, time: clock);
        var policy = Given.Open with { Limits = new Dictionary<string, Aegis.Policies.RateLimit> { ["get"] = new(1, TimeSpan.FromMinutes(5)) } };
        var guard = AegisGuard.Create(policy, builder => builder.UseTimeProvider(clock).UseSessionStore(store));
        var limited = new SessionId("limited");
        await guard.Sessions.BanAsync(Session, TimeSpan.FromMinutes(5), Given.Cancel);
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 1), limited));
        clock.Jump(TimeSpan.FromMinutes(minutes));
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal("session/banned", await guard.RuleOf(new UserInput("x"), Session));
            Assert.Equal("limit/get", await guard.RuleOf(guard.Call("get", 2), limited));
            Assert.Equal("passes", await guard.Run(limited).Step());             // in use, so that it stays
            Assert.Equal("passes", await guard.Run(new($"newcomer {i}")).Step());
            clock.Tick();
        }
    }

    [Fact]
    public async Task ConversationsAndRunsOfNobodyCannotBeLocked()
    {
        var guard = Given.Guard(Given.Open);
        foreach (var session in (SessionId[])[SessionId.Conversation("c"), SessionId.Anonymous("r"), guard.InstanceSession])
        {
            await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.Sessions.QuarantineAsync(session, null, Given.Cancel));
            await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.Sessions.BanAsync(session, null, Given.Cancel));
            Assert.Null((await guard.Sessions.GetAsync(session, Given.Cancel)).Lock);
        }
    }

    [Theory, InlineData(0), InlineData(-1)]
    public async Task ALockLastsForAPositiveTime(int seconds)
    {
        var guard = Given.Guard(Given.Open);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("duration", async () => await guard.Sessions.BanAsync(Session, TimeSpan.FromSeconds(seconds), Given.Cancel));
    }

    [Fact]
    public async Task ALockIsAnEventAndKeepsWhatIsCounted()
    {
        var events = new List<AegisEvent>();
        var guard = Given.Guard(Given.Open with { Name = "support" }, more: builder => builder.AddSink(new Sink(events)));
        await guard.Run(Session).Step();
        events.Clear();
        await guard.Sessions.QuarantineAsync(Session, null, Given.Cancel);
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);

        Assert.Equal([EventTypes.SessionQuarantine, EventTypes.SessionRelease], events.Select(static e => e.Type));
        Assert.All(events, static e => Assert.Equal((Session, "support", null), (e.Session, e.Policy, e.Checkpoint)));
        Assert.Equal(1, Assert.Single((await guard.Sessions.GetAsync(Session, Given.Cancel)).Runs).Steps);
    }

    /// <summary>A wall clock that somebody sets, while time goes on as ever.</summary>
    private sealed class WallClock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _timestamp;

        public void Jump(TimeSpan by) => _now += by;

        public override long TimestampFrequency => 1_000;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Tick() => _timestamp++;

        public override long GetTimestamp() => _timestamp;
    }

    private sealed class Sink(List<AegisEvent> events) : IEventSink
    {
        public void Write(AegisEvent e) => events.Add(e);
    }
}
