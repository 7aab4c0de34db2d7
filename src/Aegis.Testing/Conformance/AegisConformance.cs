using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>
/// What an agent under Aegis may rely on, as checks for pipelines of your own: other middleware around Aegis, a loop of your own, another framework
/// behind a chat client. A pipeline without Aegis fails nearly all of them. Needs no test framework. Thread-safe.
/// </summary>
public static class AegisConformance
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(1);   // a pipeline that hangs has failed

    /// <summary>Names of the checks, as sentences.</summary>
    public static IReadOnlyList<string> Scenarios { get; } = [.. ConformanceScenarios.All.Select(static scenario => scenario.Name)];

    /// <summary>Runs all checks in some arrangements.</summary>
    /// <param name="pipeline">Makes the pipeline; called at least once for each check. What it makes is disposed.</param>
    /// <param name="arrangements">Where to check: those of <see cref="ConformanceArrangement.All"/> that the pipeline can be made for.</param>
    /// <param name="cancellationToken">Ends the run between two checks.</param>
    /// <returns>What came of them.</returns>
    public static async Task<ConformanceReport> RunAsync(Func<ConformanceSetup, IChatClient> pipeline, IEnumerable<ConformanceArrangement> arrangements, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(arrangements);
        var results = new List<ConformanceResult>();
        foreach (var arrangement in arrangements)
        {
            foreach (var scenario in Scenarios)
            {
                cancellationToken.ThrowIfCancellationRequested();
                results.Add(await CheckAsync(scenario, pipeline, arrangement));
            }
        }

        return new(results);
    }

    /// <summary>Runs one check, for a test framework that wants a case of its own for each.</summary>
    /// <param name="scenario">One of <see cref="Scenarios"/>.</param>
    /// <param name="pipeline">Makes the pipeline. What it makes is disposed.</param>
    /// <param name="arrangement">Where to check.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static async Task<ConformanceResult> CheckAsync(string scenario, Func<ConformanceSetup, IChatClient> pipeline, ConformanceArrangement arrangement)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(arrangement);
        var check = ConformanceScenarios.All.FirstOrDefault(known => string.Equals(known.Name, scenario, StringComparison.Ordinal)) ?? throw new ArgumentException("There is no such check.", nameof(scenario));
        if (!check.AppliesTo(arrangement))
        {
            return new(scenario, arrangement, ConformanceOutcome.NotApplicable, check.Limit);
        }

        try
        {
            AegisAmbient.Current = new(null, null, false, null);   // a check has sessions and runs of its own; the caller's come back when this returns
            await check.Check(arrangement, pipeline).WaitAsync(MostTime);
            return new(scenario, arrangement, ConformanceOutcome.Passed, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(scenario, arrangement, ConformanceOutcome.Failed, e is ConformanceException ? e.Message : $"{e.GetType().Name}: {e.Message}");
        }
    }
}
