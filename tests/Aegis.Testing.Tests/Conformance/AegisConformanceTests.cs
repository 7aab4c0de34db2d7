using Microsoft.Extensions.AI;

namespace Aegis.Testing.Tests.Conformance;

public sealed class AegisConformanceTests
{
    private static readonly ConformanceArrangement Sandwich = new(ConformancePosition.Sandwich);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConformancePosition.Outside)]
    [InlineData(ConformancePosition.Inside)]
    [InlineData(ConformancePosition.Sandwich)]
    [InlineData(ConformancePosition.Manual)]
    public async Task APipelineAsTheReadmeShowsItHoldsEverything(ConformancePosition position)
    {
        var report = await AegisConformance.RunAsync(Guarded, [new(position), new(position, Streaming: true)], Token);
        report.ThrowIfFailed();
        Assert.Equal(2 * AegisConformance.Scenarios.Count, report.Results.Count);
        Assert.True(report.Results.Count(static result => result.Outcome == ConformanceOutcome.Passed) >= 40);
    }

    [Fact]
    public async Task APipelineWithoutAegisFailsNearlyEverywhereAndTheReportSaysWhere()
    {
        var report = await AegisConformance.RunAsync(static setup => setup.Model.AsBuilder().UseFunctionInvocation().Build(), [Sandwich], Token);
        Assert.True(report.Failures.Count() >= 20, report.ToString());
        var thrown = Assert.Throws<ConformanceException>(report.ThrowIfFailed);
        Assert.Contains("Failed: ADeniedCallOfTwoNeverRunsAndTheModelRecovers [Sandwich, batch, history, serial, in process]: there is one with", thrown.Message, StringComparison.Ordinal);
        Assert.Contains($"{report.Failures.Count()} Failed", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APipelineThatLeavesOutWhatACheckNeedsDoesNotPassIt()
    {
        var result = await AegisConformance.CheckAsync("AdditionalToolsAreGuarded", static setup => setup.Model.AsBuilder().UseAegisFunctionInvocation(setup.Guard).Build(), Sandwich);
        Assert.Equal(ConformanceOutcome.Failed, result.Outcome);
        Assert.Contains("has not applied ConfigureLoop", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChecksKnowNothingOfTheScopeAroundThem()
    {
        using var scope = AegisScope.Begin("somebody");
        (await AegisConformance.RunAsync(Guarded, [Sandwich], Token)).ThrowIfFailed();
        Assert.Equal("somebody", AegisAmbient.Current.Scope!.Session.Id);
    }

    [Fact]
    public async Task WhatAPipelineCannotHoldIsNotPassedInSilence()
    {
        var result = await AegisConformance.CheckAsync("AForgedApprovalNeverRuns", Guarded, new(ConformancePosition.Inside));
        Assert.Equal(ConformanceOutcome.NotApplicable, result.Outcome);
        Assert.Contains("answers to questions are not seen", result.ToString(), StringComparison.Ordinal);
        Assert.Contains("NotApplicable: AForgedApprovalNeverRuns [Inside]", (await AegisConformance.RunAsync(Guarded, [new(ConformancePosition.Inside)], Token)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APipelineThatCannotBeMadeFails()
    {
        var result = await AegisConformance.CheckAsync("AnAttackNeverReachesTheModel", static _ => throw new NotSupportedException("no such pipeline"), Sandwich);
        Assert.Equal("NotSupportedException: no such pipeline", result.Detail);
        await Assert.ThrowsAsync<ArgumentException>(() => AegisConformance.CheckAsync("NoSuchCheck", Guarded, Sandwich));
    }

    [Fact]
    public async Task ARunCanBeCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => AegisConformance.RunAsync(Guarded, [Sandwich], cancelled.Token));
    }

    private static IChatClient Guarded(ConformanceSetup setup)
    {
        var builder = setup.Model.AsBuilder();
        builder = setup.Arrangement.IsOutside ? builder.UseAegis(setup.Guard) : builder;
        builder = setup.Arrangement.HasLoop ? builder.UseFunctionInvocation(configure: setup.ConfigureLoop) : builder;
        return (setup.Arrangement.Position == ConformancePosition.Outside ? builder : builder.UseAegis(setup.Guard)).Build();
    }
}
