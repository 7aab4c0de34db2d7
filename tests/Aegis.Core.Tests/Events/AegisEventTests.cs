using Aegis.Events;
using Aegis.Tools;

namespace Aegis.Core.Tests.Events;

public class AegisEventTests
{
    public static TheoryData<string, Subject, Decision> Kinds => new()
    {
        { EventTypes.ScanPass, new UserInput("x"), Decision.Flag },
        { EventTypes.ScanBlock, new UserInput("x"), Decision.Block },
        { EventTypes.ScanPass, new ToolResult("t", "x"), Decision.Redact },
        { EventTypes.ScanBlock, new ToolDefinition("t", "x"), Decision.Block },
        { EventTypes.ActionApprove, new ToolCall("t", ToolArguments.Empty), Decision.Allow },
        { EventTypes.ActionBlock, new ToolCall("t", ToolArguments.Empty), Decision.Block },
        { EventTypes.ActionBlock, new ToolCall("t", ToolArguments.Empty), Decision.Ask },
        { EventTypes.ChainStepScan, new ModelStep(Toolset.Empty), Decision.Allow },
        { EventTypes.ChainStepScan, new ModelStep(Toolset.Empty), Decision.Block },
        { EventTypes.ChainStepScan, new ModelOutput("x") { Calls = 1 }, Decision.Allow },
        { EventTypes.ScanPass, new ModelOutput("x"), Decision.Allow },
        { EventTypes.ScanBlock, new ModelOutput("x"), Decision.Block },
        { EventTypes.ScanPass, new OutputWindow("x"), Decision.Allow },
        { EventTypes.StreamViolation, new OutputWindow("x"), Decision.Block },
    };

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void AnEventIsOfTheKindOfWhatHappened(string type, Subject subject, Decision decision)
    {
        Assert.Equal(type, Event(subject, decision, "some/rule").Type);
        Assert.Equal(decision < Decision.Ask ? type : EventTypes.DenialOfWallet, Event(subject, decision, "wallet/tokens").Type);
    }

    [Theory]
    [InlineData("input/length", EventTypes.PolicyViolation)]
    [InlineData("result/length", EventTypes.PolicyViolation)]
    [InlineData("output/block-pattern", EventTypes.PolicyViolation)]
    [InlineData("override/ignore-previous", EventTypes.ScanBlock)]
    public void ATextThatThePolicyRefusesIsNoAttack(string rule, string type) => Assert.Equal(type, Event(new UserInput("x"), Decision.Block, rule).Type);

    [Theory, InlineData(Decision.Flag, EventTypes.ScanPass), InlineData(Decision.Block, EventTypes.CustomCheck)]
    public void WhatAGuardOfTheAppsOwnBlocksIsAnEventOfItsOwn(Decision decision, string type) =>
        Assert.Equal(type, new AegisEvent(DecisionId.Next(), new UserInput("x"), new("s"), Verdict.Of(new Finding("mine/rule", decision, 0.5)).Custom(), decision).Type);

    [Fact]
    public void AReleaseIsUnsafeWhereSomethingWasFound()
    {
        var released = new Finding(Untrusted.Released, Decision.Flag);
        Assert.Equal(EventTypes.QuarantineRelease, new AegisEvent(DecisionId.Next(), new ToolResult("t", "x"), new("s"), Verdict.Of(released), Decision.Flag).Type);
        Assert.Equal(EventTypes.UnsafeUnwrap, new AegisEvent(DecisionId.Next(), new ToolResult("t", "x"), new("s"), Verdict.Of(new Finding("some/rule", Decision.Flag, 0.5), released), Decision.Flag).Type);
    }

    [Fact]
    public async Task MoreThanTenReleasesInAnHourAreSaid()
    {
        var (time, events) = (new Microsoft.Extensions.Time.Testing.FakeTimeProvider(), new List<string>());
        using var guard = Sessions.Given.Guard(Sessions.Given.Open, time, more: builder => builder.AddSink(new Names(events)));
        for (var i = 0; i < 25; i++)
        {
            await guard.Quarantine("x", "page", new("s")).ReleaseAsync(guard, new("s"), "shown", cancellationToken: Sessions.Given.Cancel);
            time.Advance(i < 12 ? TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(10));
        }

        Assert.Equal(25, events.Count(static type => type == EventTypes.QuarantineCreate));
        Assert.Equal(25, events.Count(static type => type == EventTypes.QuarantineRelease));
        Assert.InRange(events.Count(static type => type == EventTypes.ExcessiveUnwrap), 3, 9);   // the eleventh and those behind it, until ten take longer than an hour
        Assert.NotEqual(EventTypes.ExcessiveUnwrap, events[^1]);
    }

    [Fact]
    public void WhatAPersonAllowedOrMonitorModeLetPassIsNotBlocked()
    {
        Assert.Equal(EventTypes.ActionApprove, Event(new ToolCall("t", ToolArguments.Empty), Decision.Flag, "capability/approval", Decision.Ask).Type);
        Assert.Equal(EventTypes.ScanPass, Event(new UserInput("x"), Decision.Flag, "x/y", Decision.Block).Type);
    }

    [Theory, InlineData(Decision.Flag), InlineData(Decision.Block)]
    public void AHistoryThatWasNotSaidSoIsAnEventOfItsOwn(Decision decision) =>
        Assert.Equal(EventTypes.MessageIntegrityFail, new AegisEvent(DecisionId.Next(), new UserInput(""), new("s"), Verdict.Of(new Finding("integrity/changed", decision, 0.5)), decision).Type);

    [Theory, InlineData(Decision.Flag), InlineData(Decision.Block)]
    public void WhatASessionShowsIsAnEventOfItsOwnWhetherItIsStoppedOrNot(Decision decision) =>
        Assert.Equal(EventTypes.ScanTrajectory, new AegisEvent(DecisionId.Next(), new UserInput("x"), new("s"), Verdict.Of(new Finding("some/rule", Decision.Flag, 0.7), new("trajectory/near-misses", decision, 0.95)), decision).Type);

    [Fact]
    public void WhatEndsARunIsAKillSwitch()
    {
        var ending = new Finding("budget/steps", Decision.Block) { Ends = RunEnd.Gracefully };
        Assert.Equal(EventTypes.KillSwitch, new AegisEvent(DecisionId.Next(), new ModelStep(Toolset.Empty), new("s"), Verdict.Of(ending), Decision.Block).Type);
        Assert.Equal(EventTypes.ChainStepScan, new AegisEvent(DecisionId.Next(), new ModelStep(Toolset.Empty), new("s"), Verdict.Of(ending), Decision.Flag).Type);   // monitor mode lets it go on
    }

    [Theory]
    [InlineData(SessionLockKind.Quarantined, EventTypes.SessionQuarantine)]
    [InlineData(SessionLockKind.Banned, EventTypes.SessionQuarantine)]
    [InlineData(SessionLockKind.Terminated, EventTypes.SessionQuarantine)]
    [InlineData(SessionLockKind.None, EventTypes.SessionRelease)]
    public void ALockIsAnEventWithoutACheckpoint(SessionLockKind kind, string type)
    {
        var e = new AegisEvent(DecisionId.Next(), subject: null, new("s"), Verdict.None, Decision.Allow) { Lock = kind };

        Assert.Equal((type, null, null), (e.Type, e.Checkpoint, e.Tool));
    }

    [Fact]
    public void ALockThatHasEndedByItselfWasNotReleased() =>
        Assert.Equal(EventTypes.SessionExpire, new AegisEvent(DecisionId.Next(), subject: null, new("s"), Verdict.None, Decision.Allow) { Lock = SessionLockKind.None, Change = new(HasExpired: true) }.Type);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\r\nERROR forged\u001b[31m\0b\u0085", "aERROR forged[31mb")]
    public void AToolsNameLosesControlCharacters(string name, string shown)
    {
        Assert.Equal(shown, Event(new ToolCall(name, ToolArguments.Empty), Decision.Block, "x").Tool);
        Assert.Equal(shown, Event(new ToolResult(name, ""), Decision.Allow, "x").Tool);
        Assert.Equal(shown, Event(new ToolDefinition(name, ""), Decision.Allow, "x").Tool);
        Assert.Equal(new string('n', 256), Event(new ToolCall("\n" + new string('n', 9_999), ToolArguments.Empty), Decision.Block, "x").Tool);
    }

    private static AegisEvent Event(Subject subject, Decision enforced, string rule, Decision? found = null) =>
        new(DecisionId.Next(), subject, new("s"), Verdict.Of(new Finding(rule, found ?? enforced)), enforced);

    private sealed class Names(List<string> names) : IEventSink
    {
        public void Write(AegisEvent e) => names.Add(e.Type);
    }
}
