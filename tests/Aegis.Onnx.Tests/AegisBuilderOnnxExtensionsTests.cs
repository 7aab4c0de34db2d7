using Aegis.Onnx.Tests.Files;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Onnx.Tests;

public sealed class AegisBuilderOnnxExtensionsTests : IDisposable
{
    private const string Rule = "classifier/onnx";

    private readonly Folder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatTheModelIsSureOfIsBlocked()
    {
        var guard = Guard(new());

        Assert.Equal((Decision.Block, Rule), await InspectAsync(guard, new UserInput("zork zork")));
        Assert.Equal((Decision.Block, Rule), await InspectAsync(guard, new ToolResult("t", "zork zork")));
        Assert.Equal((Decision.Flag, Rule), await InspectAsync(guard, new UserInput("zork")));
        Assert.Equal(Decision.Allow, (await InspectAsync(guard, new UserInput("hello weather"))).Decision);
    }

    [Theory]
    [InlineData(Sensitivity.Paranoid, "zork zork mild hello hello hello hello", Decision.Block)]    // 1 / (1 + e^-1.5) is .82
    [InlineData(Sensitivity.Balanced, "zork zork mild hello hello hello hello", Decision.Flag)]
    [InlineData(Sensitivity.Balanced, "zork zork", Decision.Block)]                           // .953
    [InlineData(Sensitivity.Permissive, "zork zork hello", Decision.Flag)]                    // .924
    public async Task ThePolicySaysFromWhichRiskOnItBlocks(Sensitivity sensitivity, string text, Decision expected) =>
        Assert.Equal(expected, (await InspectAsync(Guard(new() { Scanner = new() { Sensitivity = sensitivity, Classifier = false } }), new UserInput(text))).Decision);

    [Fact]
    public async Task ACalibrationMovesTheLine()
    {
        var options = Small.Options(_folder) with { Calibration = [new(0, 0), new(0.7, 0.95), new(1, 1)] };

        Assert.Equal(Decision.Block, (await InspectAsync(Guard(new(), options), new UserInput("zork"))).Decision);
    }

    [Fact]
    public async Task MonitorLetsItPassAndSaysSo()
    {
        var outcome = await Guard(new() { Mode = PolicyMode.Monitor }).InspectAsync(new UserInput("zork zork"), new("s"), Cancel);

        Assert.True(outcome.MayProceed);
        Assert.Equal(Rule, outcome.Verdict.Rule);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("hello hello hello hello hello")]
    public async Task AModelThatFailsAndATextThatItDoesNotReadAreBlocked(string text)
    {
        var guard = Guard(new(), Small.Options(_folder) with { MaxCharacters = 20 });

        Assert.Equal(Decision.Block, (await InspectAsync(guard, new UserInput(text))).Decision);
        Assert.Equal(Decision.Allow, (await InspectAsync(guard, new UserInput("hello"))).Decision);
    }

    [Fact]
    public async Task AModelThatTakesLongerThanTheGuardTimeoutIsBlocked()
    {
        var time = new FakeTimeProvider();
        var guard = AegisGuard.Create(new(), builder => builder.UseTimeProvider(time).AddOnnxClassifier(Small.Options(_folder) with { BatchSize = 1 }));
        var text = string.Join(' ', Enumerable.Range(0, 40_000).Select(static i => i % 3 == 0 ? "hello" : i % 7 == 0 ? "weather" : "bread"));   // some thousand runs
        var inspection = guard.InspectAsync(new ToolResult("t", text), new("s"), Cancel).AsTask();
        Assert.False(inspection.IsCompleted, "the model runs on another thread");
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.EndsWith("/timeout", (await inspection).Verdict.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAttackInAToolsResultIsCutOut()
    {
        var guard = Guard(new() { Scanner = new() { ToolResults = ResultHandling.Redact } });
        var text = string.Join(' ', Enumerable.Repeat("bread.", 40)) + " zork zork zork zork zork zork zork zork " + string.Join(' ', Enumerable.Repeat("bread.", 40));
        var outcome = await guard.InspectAsync(new ToolResult("t", text), new("s"), Cancel);

        Assert.Equal(Decision.Redact, outcome.Verdict.Decision);
        Assert.DoesNotContain("zork", outcome.Subject.Text, StringComparison.Ordinal);
        Assert.StartsWith("bread.", outcome.Subject.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IgnoringItsIdSwitchesItOff() =>
        Assert.Equal(Decision.Allow, (await InspectAsync(Guard(new() { Scanner = new() { IgnoreRules = [Rule] } }), new UserInput("zork zork"))).Decision);

    [Fact]
    public void AMistakeIsFoundWhenTheGuardIsMade() =>
        Assert.Throws<OnnxClassifierException>(() => Guard(new(), Small.Options(_folder) with { ModelPath = _folder.Named("none.onnx") }));

    private AegisGuard Guard(AegisPolicy policy, OnnxClassifierOptions? options = null) => AegisGuard.Create(policy, builder => builder.AddOnnxClassifier(options ?? Small.Options(_folder)));

    private static async Task<(Decision Decision, string? Rule)> InspectAsync(AegisGuard guard, Subject subject)
    {
        var verdict = (await guard.InspectAsync(subject, new("s"), Cancel)).Verdict;
        return (verdict.Decision, verdict.Rule);
    }
}
