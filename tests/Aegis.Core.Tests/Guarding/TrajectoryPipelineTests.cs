using System.Globalization;
using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Guarding;

/// <summary>Texts of a session judged together. Each says its own risk: "0.75 and what follows".</summary>
public class TrajectoryPipelineTests
{
    private const string NearMisses = "trajectory/near-misses";
    private const string Crescendo = "trajectory/crescendo";

    private static readonly AegisPolicy Blocks = Of(new() { Effect = TrajectoryEffect.Block });
    private static readonly AegisPolicy Flags = Of(new() { Effect = TrajectoryEffect.Flag });
    private static readonly SessionId Session = new("s");

    [Fact]
    public async Task TheThirdNearMissIsBlockedAndHarmlessTextsGoOn()
    {
        var guard = Guard(Blocks);
        Assert.Equal(["passes", "passes", "passes", NearMisses, "passes", NearMisses], await guard.Type("0.7 a", "0 b", "0.8 c", "0.75 d", "0 e", "0.85 f"));
    }

    [Fact]
    public async Task WhatWasBlockedCounts()
    {
        var guard = Guard(Blocks);
        Assert.Equal(["test/risk", "test/risk", NearMisses, "test/risk"], await guard.Type("0.9 a", "1 b", "0.7 c", "0.95 d"));   // and is blocked for what it is
    }

    [Fact]
    public async Task ARiseIsBlocked()
    {
        var guard = Guard(Blocks);
        Assert.Equal(["passes", "passes", "passes", "passes", Crescendo], await guard.Type("0.2 a", "0.45 b", "0 c", "0.6 d", "0.8 e"));
    }

    [Fact]
    public async Task WhereItFlagsItIsRecordedAndGoesOn()
    {
        var events = new Sink();
        var guard = Guard(Flags, events);
        Assert.Equal(["passes", "passes", "passes"], await guard.Type("0.7 a", "0.7 b", "0.7 c"));
        Assert.Equal([EventTypes.ScanPass, EventTypes.ScanPass, EventTypes.ScanTrajectory], events.Select(static e => e.Type));
        Assert.Equal((Decision.Flag, NearMisses), (events[2].Decision, events[2].Verdict.Findings[^1].Rule));
    }

    [Fact]
    public async Task AnInspectionThatItDecidesIsAnEventOfItsOwnAndSaysNoText()
    {
        var events = new Sink();
        await Guard(Blocks, events).Type("0.7 secret", "0.7 b", "0.7 c", "0.9 d");
        Assert.Equal([EventTypes.ScanPass, EventTypes.ScanPass, EventTypes.ScanTrajectory, EventTypes.ScanBlock], events.Select(static e => e.Type));
        Assert.DoesNotContain("secret", string.Join(' ', events.SelectMany(static e => e.Verdict.Findings).Select(static finding => finding.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARedactedTextStaysRedactedWhenItIsFlagged()
    {
        var guard = AegisGuard.Create(Flags, static builder => builder.AddGuard(new RiskGuard()).AddGuard(new SeamGuard<UserInput>(new Finding("test/cut", Decision.Redact) { Range = new(0, 3) })));
        Assert.Equal(["passes", "passes"], await guard.Type("0.7 a", "0.7 b"));
        var outcome = await guard.InspectAsync(new UserInput("0.7 c"), Session, Given.Cancel);
        Assert.Equal(("[REDACTED] c", Decision.Redact), (outcome.Subject.Text, outcome.Decision));
        Assert.Contains(outcome.Verdict.Findings, static finding => finding.Rule == NearMisses);
    }

    [Fact]
    public async Task MonitorModeRecordsWhatWouldHaveBeenBlockedAndBlocksNothing()
    {
        var events = new Sink();
        var guard = Guard(Blocks with { Mode = PolicyMode.Monitor }, events);
        Assert.Equal(["passes", "passes", "passes", "passes"], await guard.Type("0.9 a", "0.7 b", "0.7 c", "0 d"));
        Assert.Equal((EventTypes.ScanTrajectory, Decision.Block, Decision.Flag), (events[2].Type, events[2].Verdict.Decision, events[2].Decision));
        Assert.Equal(EventTypes.ScanPass, events[3].Type);
    }

    [Fact]
    public async Task WithoutTheSettingNothingIsRememberedOfRisks()
    {
        var guard = Guard(Of(null));
        await guard.Type("0.7 a", "0.9 b", "0.7 c", "0.7 d");
        Assert.Null((await guard.Sessions.GetAsync(Session, Given.Cancel)).Risks);
    }

    [Fact]
    public async Task TheSameTextCountsOnceHoweverOftenItComes()
    {
        var guard = Guard(Blocks);
        Assert.Equal(["passes", "passes", "passes", "passes"], await guard.Type("0.7 a", "0.7 a", "0.7 b", "0.7 a"));
        Assert.Equal([NearMisses, NearMisses, "passes"], await guard.Type("0.7 c", "0.7 c", "0.7 b"));   // and is judged as it was
    }

    [Fact]
    public async Task ABlockedTextThatIsTriedAgainCountsOnce()
    {
        var guard = Guard(Blocks);
        Assert.Equal(["test/risk", "test/risk", "test/risk", "passes"], await guard.Type("0.9 a", "0.9 a", "0.9 a", "0.7 b"));
    }

    [Fact]
    public async Task OnlyWhatAUserTypedCounts()
    {
        var guard = Guard(Blocks);
        var run = guard.Run(Session);
        for (var i = 0; i < 5; i++)
        {
            Subject[] others =
            [
                new UserInput(Text("other", i)) { Role = InputRole.Other }, new UserInput(Text("assistant", i)) { Role = InputRole.Assistant }, new UserInput(Text("joined", i)) { IsJoined = true },
                new UserInput(Text("rendered", i)) { IsRendered = true }, new UserInput(Text("attached", i)) { IsAttached = true }, new ToolResult("page", Text("result", i)), new ToolDefinition("page", Text("definition", i)),
            ];
            foreach (var other in others)
            {
                Assert.Equal("passes", await run.RuleOf(other));
            }

            Assert.Equal("passes", await guard.Run(Session, run).RuleOf(new UserInput(Text("to a sub-agent", i))));
        }

        Assert.Null((await guard.Sessions.GetAsync(Session, Given.Cancel)).Risks);

        static string Text(string what, int i) => FormattableString.Invariant($"0.8 {what} {i}");
    }

    [Fact]
    public async Task WhatIsStoppedForSomethingElseIsNoTry()
    {
        var guard = Guard(Blocks with { Input = new() { MaxLength = 20, BlockPatterns = ["forbidden"] } });
        await guard.Type("0.8 but much too long for it", "0.8 longer than it may be 1", "0 forbidden a", "0 forbidden b", "0 forbidden c");
        Assert.Equal(["passes", "passes"], await guard.Type("0.7 a", "0.7 b"));
    }

    [Fact]
    public async Task AFindingThatNamesNoTechniqueIsNoSignOfAnAttack()
    {
        var guard = AegisGuard.Create(Blocks, static builder => builder.AddGuard(new SeamGuard<UserInput>(new Finding("test/tone", Decision.Flag, 0.9))));
        Assert.All(await guard.Type("a", "b", "c", "d"), static rule => Assert.Equal("passes", rule));
    }

    [Fact]
    public async Task ARiskBelowEveryFindingCountsWhateverElseIsFoundBesideIt()
    {
        var guard = AegisGuard.Create(Blocks, static builder => builder.AddGuard(new Uneasy()).AddGuard(new SeamGuard<UserInput>(new Finding("test/personal", Decision.Flag, 0.9))));
        Assert.Equal(["passes", "passes", NearMisses], await guard.Type("a", "b", "c"));
    }

    [Fact]
    public async Task TwoSessionsDoNotMixNorDoUsersOfOneConversation()
    {
        var guard = Guard(Blocks);
        foreach (var session in new SessionId[] { new("a"), new("b"), new("a", "user-1"), new("a", "user-2") })
        {
            foreach (var text in new[] { "0.7 a", "0.7 b" })
            {
                Assert.Equal("passes", await guard.RuleOf(new UserInput(text), session));
            }
        }
    }

    [Fact]
    public async Task RunsWithoutASessionAccumulateNothing()
    {
        var guard = Guard(Blocks);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("passes", await guard.Run(session: null).RuleOf(new UserInput(FormattableString.Invariant($"0.8 text {i}"))));
        }
    }

    [Fact]
    public async Task SilenceEndsItAndAWallClockThatJumpsDoesNot()
    {
        var time = new WallClock();
        var guard = Guard(Blocks, time: time);
        Assert.Equal(["passes", "passes"], await guard.Type("0.7 a", "0.7 b"));
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal([NearMisses], await guard.Type("0.7 c"));
        time.Jump = TimeSpan.FromDays(365);
        Assert.Equal([NearMisses], await guard.Type("0.7 d"));
        time.Jump = TimeSpan.FromDays(-365);
        Assert.Equal([NearMisses], await guard.Type("0.7 d2"));
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(["passes", "passes", NearMisses], await guard.Type("0.7 e", "0.7 f", "0.7 g"));
    }

    [Fact]
    public async Task OfTwoHundredAtOnceExactlyTwoPass()
    {
        var guard = Guard(Blocks);
        var rules = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => guard.RuleOf(new UserInput(FormattableString.Invariant($"0.8 try {i}")), Session))));
        Assert.Equal((2, 198), (rules.Count(static rule => rule == "passes"), rules.Count(static rule => rule == NearMisses)));
    }

    [Fact]
    public async Task ARestartForgetsNothing()
    {
        var store = new MemorySessionStore();
        var before = Guard(Blocks, store: store);
        Assert.Equal(["passes", "test/risk"], await before.Type("0.7 a", "0.9 b"));
        var bytes = (await before.Sessions.GetAsync(Session, Given.Cancel)).ToBytes(Session);

        var after = Guard(Blocks, store: new MemorySessionStore());
        await after.Services.Store.UpdateAsync(Session, static (_, read) => (read, 0), SessionState.FromBytes(Session, bytes), Given.Cancel);
        Assert.Equal(["passes", "test/risk", NearMisses], await after.Type("0.7 a", "0.9 b", "0.7 c"));   // a client that sends its history is not counted anew
    }

    [Theory, InlineData("0.7 a"), InlineData("0.9 a")]
    public async Task AStoreThatFailsBlocks(string text)
    {
        var store = new SeamStore { OnUpdate = static _ => Fault.Throws };
        var outcome = await Guard(Blocks, store: store).InspectAsync(new UserInput(text), Session, Given.Cancel);
        Assert.False(outcome.MayProceed);
        Assert.Contains(outcome.Verdict.Findings, static finding => finding.Rule == "session/unavailable");
    }

    [Fact]
    public async Task ABlockedTextSpendsNothingAndBeginsNoRun()
    {
        var guard = Guard(Blocks);
        await guard.Type("0.9 a", "0.9 b");
        var state = await guard.Sessions.GetAsync(Session, Given.Cancel);
        Assert.Equal((0, 0, 2), (state.Runs.Length, state.Meters.Length, state.Risks!.Marks.Length));
        await guard.Type("0.9 c", "0.7 d");
        Assert.Empty((await guard.Sessions.GetAsync(Session, Given.Cancel)).Runs);
        await guard.Type("0 e");
        Assert.Single((await guard.Sessions.GetAsync(Session, Given.Cancel)).Runs);
    }

    [Fact]
    public async Task AHarmlessTextInAHarmlessSessionWritesNothing()
    {
        var store = new SeamStore();
        var guard = Guard(Blocks, store: store);
        await guard.Type("0 opens the run");
        store.OnUpdate = static _ => Fault.Throws;
        Assert.Equal(["passes", "passes"], await guard.Type("0 a", "0.19 b"));
    }

    [Fact]
    public async Task QuestionsThatTheOriginalTookForAnEscalationAreNone()
    {
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced") with { Session = new() { Trajectory = new() { Effect = TrajectoryEffect.Block } } });
        Assert.All(await guard.Type("How does the token refresh work?", "Which command starts the dev server?", "Where is the system log?", "Who is the commander?", "What does a tokenizer do?", "Tell me about the ecosystem."), static rule => Assert.Equal("passes", rule));
    }

    private static AegisPolicy Of(TrajectoryPolicy? trajectory) => Given.Open with { Session = new() { Trajectory = trajectory } };

    private static AegisGuard Guard(AegisPolicy policy, Sink? events = null, FakeTimeProvider? time = null, ISessionStore? store = null) => Given.Guard(policy, time, store, builder =>
    {
        builder.AddGuard<TextSubject>(new RiskGuard());
        if (events is not null)
        {
            builder.AddSink(events);
        }
    });

    private sealed class RiskGuard : IGuard<TextSubject>
    {
        public ValueTask<Verdict> InspectAsync(TextSubject subject, GuardContext context, CancellationToken cancellationToken)
        {
            var risk = double.Parse(subject.Text.AsSpan(0, subject.Text.IndexOf(' ')), CultureInfo.InvariantCulture);
            return new(risk < 0.2 ? Verdict.Clean(risk) : Verdict.Of(new Finding("test/risk", risk >= 0.9 ? Decision.Block : Decision.Flag, risk) { Atlas = ["AML.T0051.000"] }));
        }
    }

    /// <summary>Finds nothing and has a feeling.</summary>
    private sealed class Uneasy : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => new(Verdict.Clean(0.75));
    }

    private sealed class WallClock : FakeTimeProvider
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }

    private sealed class Sink : List<AegisEvent>, IEventSink
    {
        public void Write(AegisEvent e) => Add(e);
    }
}

/// <summary>Short words for it.</summary>
file static class Typing
{
    /// <summary>What becomes of texts that a user types one after the other.</summary>
    public static async Task<string[]> Type(this AegisGuard guard, params string[] texts)
    {
        var rules = new List<string>();
        foreach (var text in texts)
        {
            rules.Add(await guard.RuleOf(new UserInput(text), new("s")));
        }

        return [.. rules];
    }
}
