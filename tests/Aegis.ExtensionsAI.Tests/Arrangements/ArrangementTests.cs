using Aegis.Testing;

namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>{outside, inside, sandwich, manual loop} × {batch, streaming} × {history, conversation id} × {serial, concurrent}, against the scripted client and through the OpenAI SDK.</summary>
public class ArrangementTests
{
    private static readonly Dictionary<string, ConformanceArrangement> Arrangements = ConformanceArrangement.All.ToDictionary(static arrangement => arrangement.ToString(), StringComparer.Ordinal);

    private static readonly ConformanceArrangement[] InProcess = [.. ConformanceArrangement.All.Where(static at => at is { OverHttp: false, Concurrent: false })];

    public static TheoryData<string, string> Matrix
    {
        get
        {
            var matrix = new TheoryData<string, string>();
            foreach (var (number, scenario) in ConformanceScenarios.All.Index())
            {
                // In turns, so that every scenario and every arrangement is there.
                foreach (var (_, arrangement) in Arrangements.Where(entry => scenario.AppliesTo(entry.Value)).Index().Where(entry => Extent.IsWhole || (entry.Index + number) % 2 == 0))
                {
                    matrix.Add(scenario.Name, arrangement.Key);
                }
            }

            return matrix;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task HoldsInEveryArrangement(string scenario, string arrangement)
    {
        var result = await AegisConformance.CheckAsync(scenario, Pipelines.With(Seams.All), Arrangements[arrangement]);
        Assert.True(result.Outcome == ConformanceOutcome.Passed, result.ToString());
    }

    /// <summary>The same with marks on everything from outside: no guarantee depends on what a text looks like to the model. Two of the scripts look for a result to the letter, and so never find it.</summary>
    [Fact]
    public async Task HoldsInEveryArrangementWithMarks()
    {
        var report = await AegisConformance.RunAsync(Pipelines.Marking, InProcess.Where(static at => Extent.IsWhole || at.Streaming == at.ServerConversation), TestContext.Current.CancellationToken);
        var failures = report.Failures.Where(static failure => failure.Scenario is not ("ADeniedCallOfTwoNeverRunsAndTheModelRecovers" or "AnApprovalContentIsBoundAndUsedOnce")).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData(Seams.Request)]
    [InlineData(Seams.Response)]
    [InlineData(Seams.Execution | Seams.Backstop)]
    [InlineData(Seams.Backstop)]
    [InlineData(Seams.All)]
    internal async Task NoSeamCanBeMissed(Seams missing)
    {
        var failures = 0;
        foreach (var arrangement in InProcess.TakeWhile(_ => Extent.IsWhole || failures == 0))   // one failure is enough; the whole run counts them
        {
            failures += (await AegisConformance.RunAsync(Pipelines.With(Seams.All & ~missing), [arrangement], TestContext.Current.CancellationToken)).Failures.Count();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"without {missing}: {failures} scenarios fail");
        Assert.NotEqual(0, failures);
    }
}
