namespace Aegis.Testing;

/// <summary>What came of a check.</summary>
public enum ConformanceOutcome
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not.</summary>
    Failed,

    /// <summary>The arrangement cannot hold it.</summary>
    NotApplicable,
}
