namespace Aegis.Policies;

/// <summary>Who the conversation belongs to.</summary>
public sealed record SessionPolicy
{
    /// <summary>Whether a request without an <see cref="AegisScope"/> or a conversation id is refused.</summary>
    /// <value><see langword="false"/>: windows then count on the guard, and locks do not apply.</value>
    public bool Required { get; init; }

    /// <summary>Whether what a user types is judged together with what the user typed before.</summary>
    /// <value><see langword="null"/>: each text alone.</value>
    public TrajectoryPolicy? Trajectory { get; init; }

    /// <summary>Whether an instance may go on counting by itself when the store of sessions cannot be reached.</summary>
    /// <value><see langword="null"/>: what must be counted blocks until the store is there.</value>
    public OutagePolicy? Outage { get; init; }
}
