using System.Diagnostics;
using System.Diagnostics.Metrics;
using Aegis.Auditing;
using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Guarding;
using Aegis.Policies;
using Aegis.Telemetry;

namespace Aegis.Core.Tests.Telemetry;

/// <summary>What events become: counts and span events. Alone: listeners hear all that the process does.</summary>
[Collection("alone")]
public class TelemetrySinkTests
{
    private static readonly SessionId Session = new("s");

    [Fact]
    public void WhileNobodyListensItAllocatesNothing()
    {
        var (sink, e) = (new TelemetrySink(), new AegisEvent(DecisionId.Next(), new UserInput("hi"), Session, Verdict.None, Decision.Allow));
        sink.Write(e);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            sink.Write(e);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task EachInspectionIsOneDecisionWhateverItsCheckpoint()
    {
        var heard = new List<string>();
        using var listener = Listen(heard, "aegis.decisions");
        var guard = Given.Guard(Given.Open with { Capabilities = new() { Allow = ["search"] } });
        await guard.InspectAsync(new UserInput("hi"), Session, Given.Cancel);
        await guard.InspectAsync(new ModelStep(Aegis.Tools.Toolset.Empty), Session, Given.Cancel);
        await guard.InspectAsync(guard.Call("drop"), Session, Given.Cancel);
        await guard.InspectAsync(new ToolResult("search", "found"), Session, Given.Cancel);
        await guard.InspectAsync(new ModelOutput("done"), Session, Given.Cancel);
        Assert.Equal(["input allow", "modelstep allow", "tool-arguments block", "tool-result allow", "output allow"], heard);
    }

    [Theory]
    [InlineData(PolicyMode.Enforce, 1)]
    [InlineData(PolicyMode.Monitor, 0)]
    public async Task MonitorModeHasViolationsAndBlocksNothing(PolicyMode mode, int blocked)
    {
        var (violations, blocks) = (new List<string>(), new List<string>());
        using var first = Listen(violations, "aegis.violations.total");
        using var second = Listen(blocks, "aegis.scans.blocked");
        var guard = Given.Guard(Given.Open with { Mode = mode, Input = new() { BlockPatterns = ["secret"] } });
        await guard.InspectAsync(new UserInput("a secret"), Session, Given.Cancel);
        await guard.InspectAsync(new UserInput("hi"), Session, Given.Cancel);
        Assert.Equal([mode == PolicyMode.Enforce ? "input policy_violation input/block-pattern" : "input scan_pass input/block-pattern"], violations);
        Assert.Equal(blocked, blocks.Count);
    }

    [Fact]
    public async Task WhatIsSwitchedOffSaysNothing()
    {
        var heard = new List<string>();
        using var listener = Listen(heard, "aegis.decisions");
        using var spans = new ActivityListener { ShouldListenTo = static source => source.Name == AegisTelemetry.SourceName, Sample = static (ref _) => ActivitySamplingResult.AllData, ActivityStarted = span => heard.Add(span.OperationName) };
        ActivitySource.AddActivityListener(spans);
        await Given.Guard(Given.Open with { Mode = PolicyMode.Off }).InspectAsync(new UserInput("hi"), Session, Given.Cancel);
        Assert.Empty(heard);
    }

    [Fact]
    public async Task ASpanThatNobodySamplesSaysNothingAndCostsNoAttributes()
    {
        var made = new List<Activity>();
        using var spans = new ActivityListener { ShouldListenTo = static source => source.Name == AegisTelemetry.SourceName, Sample = static (ref _) => ActivitySamplingResult.PropagationData, ActivityStopped = made.Add };
        ActivitySource.AddActivityListener(spans);
        await Given.Guard(Given.Open).InspectAsync(new UserInput("hi"), Session, Given.Cancel);
        var span = Assert.Single(made);
        Assert.Empty(span.TagObjects);
        Assert.Empty(span.Events);
    }

    [Fact]
    public async Task AnInspectionThatIsCancelledEndsItsSpan()
    {
        var made = new List<Activity>();
        using var spans = new ActivityListener { ShouldListenTo = static source => source.Name == AegisTelemetry.SourceName, Sample = static (ref _) => ActivitySamplingResult.AllData, ActivityStopped = made.Add };
        ActivitySource.AddActivityListener(spans);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(static () => Given.Guard(Given.Open).InspectAsync(new UserInput("hi"), Session, new CancellationToken(canceled: true)).AsTask());
        Assert.Equal("OperationCanceledException", Assert.Single(made).GetTagItem("error.type"));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task ListsInASpanHaveAnEnd()
    {
        var made = new List<Activity>();
        using var spans = new ActivityListener { ShouldListenTo = static source => source.Name == AegisTelemetry.SourceName, Sample = static (ref _) => ActivitySamplingResult.AllData, ActivityStopped = made.Add };
        ActivitySource.AddActivityListener(spans);
        var guard = Given.Guard(Given.Open);
        ToolCall[] calls = [.. Enumerable.Range(0, 100).Select(i => guard.Call($"tool{i}"))];
        var verdict = Verdict.Of([.. Enumerable.Range(0, 100).Select(static i => new Finding($"test/rule{i}", Decision.Block, 1) { Owasp = [$"LLM{i}"], Atlas = [$"AML{i}"] })]);
        await InspectionSpan.AroundAsync(guard.Pipeline, calls, guard.Run(Session), static (inspection, _) => ValueTask.FromResult(inspection), new Inspection(calls[0], verdict, Decision.Block, DecisionId.Next()), static inspection => [inspection], Given.Cancel);
        var span = Assert.Single(made);
        Assert.All(new[] { TelemetryNames.Tools, TelemetryNames.Rules, TelemetryNames.Owasp, TelemetryNames.Atlas }, name => Assert.Equal(AuditRecords.MostWords, Assert.IsType<string[]>(span.GetTagItem(name)).Length));
        Assert.Equal("test/rule0", Assert.IsType<string[]>(span.GetTagItem(TelemetryNames.Rules))[0]);
    }

    private static MeterListener Listen(List<string> heard, string name)
    {
        var listener = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == AegisTelemetry.MeterName && instrument.Name == name) { listener.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => heard.Add(string.Join(' ', tags.ToArray().Select(static tag => tag.Value))));
        listener.Start();
        return listener;
    }
}
