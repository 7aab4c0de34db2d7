namespace Aegis.Testing;

/// <summary>What came of one check.</summary>
/// <param name="Scenario">What had to hold.</param>
/// <param name="Arrangement">Where.</param>
/// <param name="Outcome">Whether it did.</param>
/// <param name="Detail">What happened instead, or why the arrangement cannot hold it; <see langword="null"/> when it held.</param>
public sealed record ConformanceResult(string Scenario, ConformanceArrangement Arrangement, ConformanceOutcome Outcome, string? Detail)
{
    /// <summary>In one line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => $"{Outcome}: {Scenario} [{Arrangement}]{(Detail is null ? "" : $": {Detail}")}";
}
