namespace Aegis.Testing;

/// <summary>What came of all checks of a pipeline.</summary>
/// <param name="Results">A result for every scenario in every arrangement.</param>
public sealed record ConformanceReport(IReadOnlyList<ConformanceResult> Results)
{
    /// <summary>The checks that failed.</summary>
    public IEnumerable<ConformanceResult> Failures => Results.Where(static result => result.Outcome == ConformanceOutcome.Failed);

    /// <summary>Throws if a check failed.</summary>
    /// <exception cref="ConformanceException">A check failed; all of them are named.</exception>
    public void ThrowIfFailed()
    {
        if (Failures.Any())
        {
            throw new ConformanceException(ToString());
        }
    }

    /// <summary>The counts, then a line for each failure and for each scenario that some arrangement cannot hold.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => string.Join('\n',
    [
        string.Join(", ", Enum.GetValues<ConformanceOutcome>().Select(outcome => $"{Results.Count(result => result.Outcome == outcome)} {outcome}")),
        .. Failures.Select(static result => result.ToString()),
        .. Results.Where(static result => result.Outcome == ConformanceOutcome.NotApplicable).DistinctBy(static result => (result.Scenario, result.Arrangement.Position)).Select(static result => $"{result.Outcome}: {result.Scenario} [{result.Arrangement.Position}]: {result.Detail}"),
    ]);
}
