namespace Aegis.Policies;

/// <summary>
/// What becomes of a conversation when its user attacks. Only what the user types counts: not what tools return, what is attached, what a client says
/// that was said before, nor what a model says. It counts when it was blocked for a finding that names an ATLAS technique, each text once.
/// </summary>
public sealed record RecoveryPolicy
{
    /// <summary>What becomes of it.</summary>
    /// <value><see cref="RecoveryMode.Continue"/>.</value>
    public RecoveryMode Mode { get; init; }

    /// <summary>How many attacks lock, 1 to 16.</summary>
    /// <value>3: one text that was blocked by mistake locks nobody, nor does its author who tries another wording.</value>
    public int After { get; init; } = 3;

    /// <summary>In any window of this length.</summary>
    /// <value>One hour.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long <see cref="RecoveryMode.QuarantineSession"/> locks; <see langword="null"/>: until released. What <see cref="RecoveryMode.TerminateSession"/> ends, does not begin again by itself.</summary>
    /// <value>One hour.</value>
    public TimeSpan? Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For whom is counted, and who is locked.</summary>
    /// <value><see cref="RecoveryScope.Session"/>.</value>
    public RecoveryScope Scope { get; init; }

    /// <summary>Whether it can lock.</summary>
    internal bool Locks => Mode is RecoveryMode.QuarantineSession or RecoveryMode.TerminateSession;

    /// <summary>How long a lock holds; null: until released.</summary>
    internal TimeSpan? Holds => Mode == RecoveryMode.TerminateSession ? null : Duration;
}
