namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>{outside, inside, sandwich, manual loop} × {batch, streaming} × {history, conversation id} × {serial, concurrent}, against the scripted client and through the OpenAI SDK.</summary>
public class ArrangementTests
{
    public static TheoryData<string, Arrangement> Matrix
    {
        get
        {
            var matrix = new TheoryData<string, Arrangement>();
            foreach (var scenario in Scenarios.All)
            {
                foreach (var arrangement in Arrangement.All.Where(scenario.AppliesTo))
                {
                    matrix.Add(scenario.Name, arrangement);
                }
            }

            return matrix;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public Task HoldsInEveryArrangement(string scenario, Arrangement arrangement) =>
        Scenarios.All.Single(known => known.Name == scenario).Check(arrangement, Seams.All);

    [Theory]
    [InlineData(Seams.Request)]
    [InlineData(Seams.Response)]
    [InlineData(Seams.Execution | Seams.Backstop)]
    [InlineData(Seams.Backstop)]
    [InlineData(Seams.All)]
    internal async Task NoSeamCanBeMissed(Seams missing)
    {
        var failures = 0;
        foreach (var scenario in Scenarios.All)
        {
            foreach (var arrangement in Arrangement.All.Where(at => at is { Wire: Wire.Scripted, Concurrent: false } && scenario.AppliesTo(at)))
            {
                failures += await FailsAsync(scenario, arrangement, Seams.All & ~missing) ? 1 : 0;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"without {missing}: {failures} scenarios fail");
        Assert.NotEqual(0, failures);
    }

    private static async Task<bool> FailsAsync(Scenario scenario, Arrangement arrangement, Seams seams)
    {
        try
        {
            await scenario.Check(arrangement, seams);
            return false;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return true;
        }
    }
}
