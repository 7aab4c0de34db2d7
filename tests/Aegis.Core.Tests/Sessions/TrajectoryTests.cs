using CsCheck;

namespace Aegis.Core.Tests.Sessions;

/// <summary>The laws, over numbers alone.</summary>
public class TrajectoryTests
{
    private const int Turns = 8;

    private static readonly Trajectory Default = new(Decision.Block, Turns, 3, 0.7, TimeSpan.FromHours(1));

    private static readonly Gen<double[]> Risks = Gen.Double[0, 1].Array[1, Turns - 1];

    [Theory]
    [InlineData("trajectory/near-misses", 0.7, 0.7, 0.7)]
    [InlineData("trajectory/near-misses", 1.0, 1.0, 1.0)]   // saturated is no calm
    [InlineData("trajectory/near-misses", 0.9, 0.0, 0.8, 0.0, 0.7)]
    [InlineData("trajectory/near-misses", 0.7, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.7)]
    [InlineData("trajectory/crescendo", 0.2, 0.4, 0.6, 0.8)]
    [InlineData("trajectory/crescendo", 0.3, 0.1, 0.5, 0.1, 0.65, 0.1, 0.85)]
    [InlineData(null, 0.7, 0.7)]
    [InlineData(null, 0.7, 0.7, 0.69)]   // the last one is none
    [InlineData(null, 0.7, 0.7, 0.7, 0.0)]
    [InlineData(null, 0.7, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.7)]   // one is too long ago
    [InlineData(null, 0.69, 0.69, 0.69, 0.69)]
    [InlineData(null, 0.8, 0.6, 0.4, 0.2)]   // a fall
    [InlineData(null, 0.2, 0.4, 0.6, 0.7)]   // not up to the last step
    [InlineData(null, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)]   // rising, and low
    [InlineData(null, 1.0)]
    public void ARowOfRisksShowsWhatItShows(string? rule, params double[] risks) => Assert.Equal(rule, RuleOf(risks));

    [Fact]
    public void AHigherRiskNeverTakesAwayWhatARowShows() => Gen.Select(Risks, Gen.Int[0, Turns], Gen.Double[0, 1]).Sample(static (risks, at, more) =>
    {
        double[] raised = [.. risks];
        raised[at % risks.Length] = Math.Max(raised[at % risks.Length], more);
        return RuleOf(risks) is null || RuleOf(raised) is not null;
    }, iter: 20_000);

    [Fact]
    public void OneMoreTextBeforeTheLastNeverTakesItAwayWhileTheWindowHoldsAll() => Gen.Select(Risks, Gen.Int[0, Turns], Gen.Double[0, 1]).Sample(static (risks, at, more) =>
        RuleOf(risks) is null || RuleOf([.. risks[..(at % risks.Length)], more, .. risks[(at % risks.Length)..]]) is not null, iter: 20_000);

    [Fact]
    public void ATextBelowTheNearMissShowsNothingWhateverCameBefore() => Gen.Select(Risks, Gen.Double[0, 0.69]).Sample(static (risks, last) => RuleOf([.. risks, last]) is null, iter: 10_000);

    [Fact]
    public void NearMissesCountWhateverTheirOrder() => Gen.Select(Risks, Gen.Double[0.7, 1], Gen.Int[0, int.MaxValue]).Sample(static (risks, last, seed) =>
    {
        double[] shuffled = [.. risks];
        new Random(seed).Shuffle(shuffled);
        return IsNearMisses([.. risks, last]) == IsNearMisses([.. shuffled, last]) && IsNearMisses([.. risks, last]) == risks.Count(static risk => RiskMark.LevelOf(risk) >= 140) >= 2;

        static bool IsNearMisses(double[] row) => RuleOf(row) == "trajectory/near-misses";
    }, iter: 10_000);

    [Fact]
    public void AStricterSettingShowsAllThatALooserOneShows() => Gen.Select(Risks, Gen.Int[2, 8], Gen.Int[2, 8], Gen.Double[0.1, 1], Gen.Double[0.1, 1]).Sample(static (risks, a, b, p, q) =>
    {
        var (strict, loose) = (new Trajectory(Decision.Block, Turns, Math.Min(a, b), Math.Min(p, q), TimeSpan.FromHours(1)), new Trajectory(Decision.Block, Turns, Math.Max(a, b), Math.Max(p, q), TimeSpan.FromHours(1)));
        return loose.Judge(Marks(risks)) is null || strict.Judge(Marks(risks)) is not null;
    }, iter: 20_000);

    [Fact]
    public void AFindingSaysWhatItIsAboutInNumbers()
    {
        var near = Default.Judge(Marks([0.7, 0.75, 0])[..2].ToArray().Append(RiskMark.Of("blocked", RiskMark.Blocked)).Append(RiskMark.Of("now", 150)).ToArray())!;
        Assert.Equal("session.trajectory: 4 of the last 8 texts have a risk of 0.7 or more, 1 of them blocked", near.Detail);
        var rise = Default.Judge(Marks([0.2, 0.4, 0.6, 0.8]))!;
        Assert.Equal("session.trajectory: over the last 8 texts the risk has risen in 4 steps, from 0.2 to 0.8", rise.Detail);
        Assert.All([near, rise], static finding =>
        {
            Assert.Equal((Decision.Block, 0.95), (finding.Decision, finding.Risk));
            Assert.Equal(["LLM01:2025"], finding.Owasp);
            Assert.StartsWith("AML.T", Assert.Single(finding.Atlas), StringComparison.Ordinal);
            Assert.NotNull(finding.Category);
            Assert.True(Trajectory.IsRule(finding.Rule));
        });
    }

    private static string? RuleOf(double[] risks) => Default.Judge(Marks(risks))?.Rule;

    private static RiskMark[] Marks(double[] risks) => [.. risks.Select(static (risk, i) => RiskMark.Of(FormattableString.Invariant($"text {i}"), RiskMark.LevelOf(risk)))];
}
