namespace Aegis.Auditing;

/// <summary>How an audit log is, since its guard was made.</summary>
/// <param name="Written">Records that were written, all transports together.</param>
/// <param name="Dropped">Records that were lost, all transports together. Gaps are recorded for them.</param>
/// <param name="Spilled">Records that went to the second file.</param>
/// <param name="Failures">Times that a transport has failed.</param>
/// <param name="Failing">What does not work now, in words; <see langword="null"/>: everything works.</param>
public sealed record AuditHealth(long Written, long Dropped, long Spilled, long Failures, string? Failing)
{
    /// <summary>Records that wait to be written, all transports together.</summary>
    public long Waiting { get; init; }

    /// <summary>Whether the policy requires the log and it does not work, so that every inspection that is to be recorded blocks.</summary>
    public bool IsBlocking { get; init; }

    /// <summary>Whether a transport does not work now.</summary>
    public bool IsDegraded => Failing is not null;
}
