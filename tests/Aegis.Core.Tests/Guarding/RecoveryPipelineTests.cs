using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Guarding;

/// <summary>What attacks of a user do to the session. A text that says "attack" is one.</summary>
public class RecoveryPipelineTests
{
    private const string Attack = "test/attack";
    private const string Quarantined = "session/quarantined";

    private static readonly AegisPolicy Quarantine = Of(new() { Mode = RecoveryMode.QuarantineSession });
    private static readonly AegisPolicy OfUser = Of(new() { Mode = RecoveryMode.QuarantineSession, Scope = RecoveryScope.Principal });
    private static readonly SessionId Session = new("s", "ann", "acme");
    private static readonly SessionId Ann = SessionId.OfPrincipal("ann", "acme");

    private readonly FakeTimeProvider _time = new();
    private readonly Sink _events = [];

    [Theory]
    [InlineData(RecoveryMode.QuarantineSession, Quarantined)]
    [InlineData(RecoveryMode.TerminateSession, "session/terminated")]
    public async Task TheThirdAttackLocksAndTheSecondDoesNot(RecoveryMode mode, string rule)
    {
        var guard = Guard(Of(new() { Mode = mode }));
        Assert.Equal([Attack, Attack, "passes", Attack, rule], await Type(guard, Session, "attack a", "attack b", "hello", "attack c", "hello again"));
    }

    [Theory]
    [InlineData(RecoveryMode.Continue)]
    [InlineData(RecoveryMode.ResetLast)]
    [InlineData(RecoveryMode.AutoRetry)]
    public async Task OtherModesLockNobodyAndRememberNothing(RecoveryMode mode)
    {
        var guard = Guard(Of(new() { Mode = mode, After = 1 }));
        Assert.Equal([Attack, Attack, "passes"], await Type(guard, Session, "attack a", "attack b", "hello"));
        Assert.Empty((await guard.Sessions.GetAsync(Session, Given.Cancel)).Strikes);
    }

    [Fact]
    public async Task TheAttackThatLocksSaysSoAndSoDoesAnEvent()
    {
        var guard = Guard(Quarantine);
        await Type(guard, Session, "attack secret-1", "attack secret-2");
        var outcome = await guard.InspectAsync(new UserInput("attack secret-3"), Session, Given.Cancel);

        Assert.Equal([Attack, "recovery/locked"], outcome.Verdict.Findings.Select(static finding => finding.Rule));
        Assert.Equal([EventTypes.ScanBlock, EventTypes.ScanBlock, EventTypes.ScanBlock, EventTypes.SessionQuarantine], _events.Select(static e => e.Type));
        var locked = _events[^1];
        Assert.Equal((SessionLockKind.Quarantined, "recovery/locked", _events[^2].Id, Session, guard.Now.AddHours(1), null), (locked.Lock, locked.Verdict.Rule, locked.Id, locked.Session, locked.LockedUntil, locked.By));
        Assert.Equal("recovery: 3 in 1h, locked for 1h", locked.Verdict.Findings[0].Detail);
        Assert.DoesNotContain("secret", string.Join(' ', _events.SelectMany(static e => e.Verdict.Findings)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherSessionsOfTheSameUserAndOtherUsersOfTheSameConversationGoOn()
    {
        var guard = Guard(Quarantine);
        await Type(guard, Session, "attack a", "attack b", "attack c");
        Assert.Equal([Quarantined, "passes", "passes", "passes", "passes"], await Hello(guard, Session, new("s2", "ann", "acme"), new("s", "bob", "acme"), new("s", "ann", "other"), new("s")));
    }

    [Fact]
    public async Task AUserIsLockedOutOfAllSessionsWhereThePolicySaysSo()
    {
        var guard = Guard(OfUser);
        foreach (var i in new[] { 1, 2, 3 })
        {
            Assert.Equal(Attack, await guard.RuleOf(new UserInput(FormattableString.Invariant($"attack {i}")), new(FormattableString.Invariant($"s{i}"), "ann", "acme")));
        }

        Assert.Equal([Quarantined, Quarantined, "passes", "passes", "passes"], await Hello(guard, Session, new("new", "ann", "acme"), new("s", "bob", "acme"), new("s", "ann"), new("s")));
        Assert.Equal(Ann, _events.Single(static e => e.Lock is not null).Session);
        var refused = (await guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel)).Verdict.Findings[0];
        Assert.Equal(("all sessions of this user, until 2000-01-01T01:00:00Z", RunEnd.Now), (refused.Detail, refused.Ends));
        Assert.Null((await guard.Sessions.GetAsync(Session, Given.Cancel)).Lock);
    }

    [Fact]
    public async Task WhereNobodySaysWhoTheUserIsTheConversationIsLocked()
    {
        var guard = Guard(OfUser);
        await Type(guard, new("s"), "attack a", "attack b", "attack c");
        Assert.Equal([Quarantined, "passes"], await Hello(guard, new("s"), new("t")));
    }

    [Fact]
    public async Task NobodyIsLockedWhoNobodyAnswersFor()
    {
        var guard = Guard(Of(new() { Mode = RecoveryMode.TerminateSession, After = 1 }));
        foreach (var session in new SessionId?[] { null, SessionId.Conversation("conv-1") })
        {
            Assert.Equal(Attack, await guard.Run(session).RuleOf(new UserInput("attack a")));
            Assert.Equal("passes", await guard.Run(session).RuleOf(new UserInput("hello")));
        }

        Assert.DoesNotContain(_events, static e => e.Lock is not null);
    }

    public static TheoryData<string, Func<AegisGuard, string, Subject>> Others => new()
    {
        { "text of somebody else", static (_, text) => new UserInput(text) { Role = InputRole.Other } },
        { "what a model is said to have said", static (_, text) => new UserInput(text) { Role = InputRole.Assistant } },
        { "a file", static (_, text) => new UserInput(text) { IsAttached = true } },
        { "a file, as the adapter reads it", static (_, text) => new UserInput(text) { Role = InputRole.Other, IsAttached = true } },
        { "a rendered template", static (_, text) => new UserInput(text) { IsRendered = true } },
        { "an earlier turn", static (_, text) => new UserInput(text) { IsPast = true } },
        { "several texts, not all of them typed", static (_, text) => new UserInput(text) { Role = InputRole.Other, IsJoined = true } },
        { "several texts of an earlier turn", static (_, text) => new UserInput(text) { Role = InputRole.Other, IsJoined = true, Pieces = [text], IsPast = true } },
        { "a picture", static (_, text) => new UserInput(text) { Role = InputRole.Other, MediaRisk = 0.5 } },
        { "a tool's result", static (_, text) => new ToolResult("page", text) },
        { "a tool's description", static (_, text) => new ToolDefinition("page", text) },
        { "a call", static (guard, text) => guard.Call("get", text) },
        { "an answer", static (_, text) => new ModelOutput(text) },
        { "an answer while it is written", static (_, text) => new OutputWindow(text) },
    };

    [Theory, MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public async Task WhatAUserHasNotTypedNeverLocksItsReader(string what, Func<AegisGuard, string, Subject> make)
    {
        Assert.NotEmpty(what);
        foreach (var policy in new[] { Quarantine, OfUser })
        {
            var guard = Guard(policy with { Recovery = policy.Recovery with { After = 1 } });
            var run = guard.Run(Session);
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(Attack, await run.RuleOf(make(guard, FormattableString.Invariant($"attack {i}"))));
            }

            Assert.Equal("passes", await run.RuleOf(new UserInput("hello")));
        }
    }

    [Fact]
    public async Task WhatASubAgentIsToldNeverLocksTheUser()
    {
        var guard = Guard(Of(new() { Mode = RecoveryMode.TerminateSession, After = 1 }));
        var run = guard.Run(Session);
        Assert.Equal(Attack, await guard.Run(Session, run).RuleOf(new UserInput("attack by way of a tool")));
        Assert.Equal("passes", await run.RuleOf(new UserInput("hello")));
    }

    [Fact]
    public async Task WhatIsTypedInPiecesCounts()
    {
        var guard = Guard(Of(new() { Mode = RecoveryMode.QuarantineSession, After = 1 }));
        Assert.Equal(Attack, await guard.Run(Session).RuleOf(new UserInput("attack in two") { Role = InputRole.Other, IsJoined = true, Pieces = ["attack", "in two"] }));
        Assert.Equal([Quarantined], await Hello(guard, Session));
    }

    [Fact]
    public async Task WhatIsBlockedForSomethingElseIsNoAttack()
    {
        Finding[] harmless =
        [
            new("test/tone", Decision.Block, 1), new("test/near", Decision.Flag, 0.89) { Atlas = ["AML.T0051.000"] }, new("test/joint", Decision.Block, 1) { Atlas = ["AML.T0051.000"], IsJoint = true },
        ];
        foreach (var finding in harmless)
        {
            var guard = Given.Guard(Of(new() { Mode = RecoveryMode.TerminateSession, After = 1 }), more: builder => builder.AddGuard(new SeamGuard<UserInput>(finding)));
            await guard.RuleOf(new UserInput("a"), Session);
            Assert.Null((await guard.Sessions.GetAsync(Session, Given.Cancel)).Lock);
        }

        var plain = Guard(Of(new() { Mode = RecoveryMode.TerminateSession, After = 1 }) with { Input = new() { MaxLength = 10, BlockPatterns = ["forbidden"] }, DataFlow = new() { PiiHandling = PiiHandling.Block, PiiScope = [PiiScope.Input] } });
        await Type(plain, Session, "much too long a text", "forbidden", "a@b.example");
        Assert.Equal(["passes"], await Hello(plain, Session));
    }

    [Fact]
    public async Task AGuardThatFailsIsNoAttackOfTheUser()
    {
        var guard = Given.Guard(Of(new() { Mode = RecoveryMode.TerminateSession, After = 1 }), more: static builder => builder.AddGuard(new Throwing()));
        Assert.EndsWith("/failed", await guard.RuleOf(new UserInput("a"), Session), StringComparison.Ordinal);
        Assert.Null((await guard.Sessions.GetAsync(Session, Given.Cancel)).Lock);
    }

    [Fact]
    public async Task TheSameTextCountsOnce()
    {
        var guard = Guard(Quarantine);
        Assert.Equal([Attack, Attack, Attack, Attack, "passes"], await Type(guard, Session, "attack a", "attack a", "attack a", "attack b", "hello"));
    }

    [Fact]
    public async Task WhatASessionShowsCountsAsAnAttack()
    {
        var guard = Given.Guard(Quarantine with { Session = new() { Trajectory = new() { Effect = TrajectoryEffect.Block, NearMisses = 2 } }, Recovery = Quarantine.Recovery with { After = 1 } }, more: static builder => builder.AddGuard(new SeamGuard<UserInput>(new Finding("test/near", Decision.Flag, 0.8) { Atlas = ["AML.T0051.000"] })));
        Assert.Equal(["passes", "trajectory/near-misses", Quarantined], await Type(guard, Session, "a", "b", "c"));
    }

    [Fact]
    public async Task TheLockEndsByItselfWithAnEventAndTheCountBeginsAnew()
    {
        var guard = Guard(Quarantine);
        await Type(guard, Session, "attack a", "attack b", "attack c");
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Equal([Quarantined], await Hello(guard, Session));
        _time.Advance(TimeSpan.FromTicks(1));
        _events.Clear();
        Assert.Equal(["passes", Attack, Attack, "passes"], await Type(guard, Session, "hello", "attack a", "attack b", "hello"));
        Assert.Equal((EventTypes.SessionExpire, SessionLockKind.None, Session), (_events[0].Type, _events[0].Lock!.Value, _events[0].Session));
        Assert.DoesNotContain(_events.Skip(1), static e => e.Lock is not null);
    }

    [Fact]
    public async Task TheEndOfALockOnAUserIsSaidOnceToo()
    {
        var guard = Guard(OfUser with { Recovery = OfUser.Recovery with { After = 1, Duration = TimeSpan.FromMinutes(1) } });
        await Type(guard, Session, "attack a");
        _time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => guard.RuleOf(new UserInput("hello"), new(FormattableString.Invariant($"s{i}"), "ann", "acme")))));
        Assert.Equal(Ann, Assert.Single(_events, static e => e.Type == EventTypes.SessionExpire).Session);
    }

    [Fact]
    public async Task AttacksCountInTheWindowAlone()
    {
        var guard = Guard(Quarantine);
        Assert.Equal([Attack, Attack], await Type(guard, Session, "attack a", "attack b"));
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal([Attack, Attack, "passes"], await Type(guard, Session, "attack c", "attack d", "hello"));
    }

    [Fact]
    public async Task ATerminatedSessionStaysSoUntilItIsReleased()
    {
        var guard = Guard(Of(new() { Mode = RecoveryMode.TerminateSession }));
        await Type(guard, Session, "hello", "attack a", "attack b", "attack c");
        _time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(["session/terminated"], await Hello(guard, Session));
        Assert.Empty((await guard.Sessions.GetAsync(Session, Given.Cancel)).Runs);
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);
        Assert.Equal(["passes"], await Hello(guard, Session));
    }

    [Fact]
    public async Task AReleaseForgetsWhatWasCounted()
    {
        var guard = Guard(Quarantine);
        Assert.Equal([Attack, Attack], await Type(guard, Session, "attack a", "attack b"));
        await guard.Sessions.ReleaseAsync(Session, Given.Cancel);
        Assert.Equal([Attack, Attack, "passes", Attack, Quarantined], await Type(guard, Session, "attack c", "attack d", "hello", "attack e", "hello"));
    }

    [Fact]
    public async Task OfFiftyAttacksAtOnceOneLocksAndOneEventSaysSo()
    {
        foreach (var policy in new[] { Quarantine, OfUser })
        {
            _events.Clear();
            var guard = Guard(policy);
            var verdicts = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () => (await guard.InspectAsync(new UserInput(FormattableString.Invariant($"attack {i}")), Session, Given.Cancel)).Verdict)));
            Assert.All(verdicts, static verdict => Assert.Equal(Decision.Block, verdict.Decision));
            Assert.Single(verdicts, static verdict => verdict.Findings.Any(static finding => finding.Rule == "recovery/locked"));
            Assert.Single(_events, static e => e.Lock is not null);
        }
    }

    [Fact]
    public async Task MonitorModeRecordsWhatWouldHaveBeenLockedAndLocksNobody()
    {
        var guard = Guard(Quarantine with { Mode = PolicyMode.Monitor });
        Assert.All(await Type(guard, Session, "attack a", "attack b", "attack c", "hello", "attack d"), static rule => Assert.Equal("passes", rule));
        Assert.Equal([2], Enumerable.Range(0, _events.Count).Where(i => _events[i].Verdict.Findings.Any(static finding => finding.Rule == "recovery/locked")));
        Assert.DoesNotContain(_events, static e => e.Lock is not null);
        Assert.Null((await guard.Sessions.GetAsync(Session, Given.Cancel)).Lock);
    }

    [Fact]
    public async Task ALockOnTheUserThatComesWhileACallIsJudgedStopsIt()
    {
        AegisGuard? guard = null;
        guard = Guard(Given.Open, new Meanwhile(() => guard!.Sessions.BanAsync(Ann, null, Given.Cancel)));
        Assert.Equal("session/banned", await guard.RuleOf(guard.Call("get"), Session));
        await guard.Sessions.ReleaseAsync(Ann, Given.Cancel);

        var run = guard.Run(Session);
        var all = await guard.Pipeline.InspectAllAsync([guard.Call("get", 1), guard.Call("get", 2)], run, Given.Cancel);
        Assert.Contains(all, static inspection => inspection.Verdict.Findings.Any(static finding => finding.Rule == "session/banned"));
    }

    [Fact]
    public async Task ALockOnTheUserThatComesAfterACallWasAllowedStopsIt()
    {
        var guard = Guard(Given.Open);
        var run = guard.Run(Session);
        var call = guard.Call("get");
        var allowed = await run.InspectAsync(call);
        Assert.Null(await guard.Pipeline.SinceAsync(call, run, allowed, Given.Cancel));
        await guard.Sessions.QuarantineAsync(Ann, null, Given.Cancel);
        Assert.Equal(Quarantined, (await guard.Pipeline.SinceAsync(call, run, allowed, Given.Cancel))!.Rule);
    }

    [Fact]
    public async Task ALockOnTheUserStopsWhatSubAgentsOfOtherGuardsWouldSpend()
    {
        var store = new MemorySessionStore();
        var (outer, inner) = (Guard(Given.Open, store: store), Guard(Given.Open, store: new MemorySessionStore()));
        var child = inner.Run(new("of the helper"), outer.Run(Session));
        Assert.Equal("passes", await child.RuleOf(inner.Call("get", 1)));
        await outer.Sessions.BanAsync(Ann, null, Given.Cancel);
        Assert.Equal("session/banned", await child.RuleOf(inner.Call("get", 2)));
    }

    [Fact]
    public async Task AStoreThatCannotCountSaysSo()
    {
        var store = new SeamStore { OnUpdate = static _ => Fault.Throws };
        var outcome = await Guard(Quarantine, store: store).InspectAsync(new UserInput("attack a"), Session, Given.Cancel);
        Assert.Equal([Attack, "session/unavailable"], outcome.Verdict.Findings.Select(static finding => finding.Rule));
    }

    [Fact]
    public async Task AStoreThatCannotReadTheUsersAccountBlocks()
    {
        var reads = 0;
        var store = new SeamStore { OnRead = _ => reads++ == 0 ? new(SessionState.Empty) : throw new IOException() };
        Assert.Equal("session/unavailable", await Guard(Given.Open, store: store).RuleOf(new UserInput("hello"), Session));
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task ASharedStoreAndAnotherGuardKeepTheLock()
    {
        var store = new MemorySessionStore();
        await Type(Guard(Quarantine, store: store), Session, "attack a", "attack b");
        Assert.Equal([Attack, Quarantined], await Type(Guard(Quarantine, store: store), Session, "attack c", "hello"));   // the count is shared too
        Assert.Equal([Quarantined], await Hello(Guard(Given.Open, store: store), Session));
    }

    private static AegisPolicy Of(RecoveryPolicy recovery) => Given.Open with { Recovery = recovery };

    private AegisGuard Guard(AegisPolicy policy, IGuard<ToolCall>? meanwhile = null, ISessionStore? store = null) => Given.Guard(policy, _time, store, builder =>
    {
        builder.AddGuard(new Attacks()).AddSink(_events);
        if (meanwhile is not null)
        {
            builder.AddGuard(meanwhile);
        }
    });

    private static async Task<string[]> Type(AegisGuard guard, SessionId session, params string[] texts)
    {
        var rules = new List<string>();
        foreach (var text in texts)
        {
            rules.Add(await guard.RuleOf(new UserInput(text), session));
        }

        return [.. rules];
    }

    private static async Task<string[]> Hello(AegisGuard guard, params SessionId[] sessions)
    {
        var rules = new List<string>();
        foreach (var session in sessions)
        {
            rules.Add(await guard.RuleOf(new UserInput("hello"), session));
        }

        return [.. rules];
    }

    private sealed class Attacks : IGuard<Subject>
    {
        public ValueTask<Verdict> InspectAsync(Subject subject, GuardContext context, CancellationToken cancellationToken)
        {
            var text = (subject as TextSubject)?.Text ?? (subject as ToolCall)?.Arguments.Text ?? "";
            return new(text.Contains("attack", StringComparison.Ordinal) ? Verdict.Of(new Finding(Attack, Decision.Block, 1) { Atlas = ["AML.T0051.000"] }) : Verdict.None);
        }
    }

    private sealed class Throwing : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }

    /// <summary>Something happens while a call is judged.</summary>
    private sealed class Meanwhile(Func<ValueTask> happens) : IGuard<ToolCall>
    {
        public async ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
        {
            await happens();
            return Verdict.None;
        }
    }

    private sealed class Sink : List<AegisEvent>, IEventSink
    {
        public void Write(AegisEvent e)
        {
            lock (this)
            {
                Add(e);
            }
        }
    }
}
