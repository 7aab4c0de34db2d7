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
}
