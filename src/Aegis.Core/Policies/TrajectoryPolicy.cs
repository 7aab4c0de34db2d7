namespace Aegis.Policies;

/// <summary>
/// What a session shows that no text of it shows alone: tries again and again that stay below the block line, and a rise towards it. Only risks are
/// compared, no words. It judges what a user typed, together with what the same user typed before; a text without such a risk of its own always passes.
/// </summary>
public sealed record TrajectoryPolicy
{
    /// <summary>What happens to the text that shows it.</summary>
    /// <value><see cref="TrajectoryEffect.Flag"/>.</value>
    public TrajectoryEffect Effect { get; init; }

    /// <summary>How many of the last texts count, this one among them, 2 to 16. The same text counts once.</summary>
    /// <value>8.</value>
    public int Turns { get; init; } = 8;

    /// <summary>How many of them are enough, 2 to <see cref="Turns"/>.</summary>
    /// <value>3.</value>
    public int NearMisses { get; init; } = 3;

    /// <summary>The risk from which a text is one of them, .1 to 1; one that was blocked for what it says always is.</summary>
    /// <value>.7.</value>
    public double NearMissAt { get; init; } = 0.7;

    /// <summary>After how long a silence what was typed is forgotten.</summary>
    /// <value>One hour.</value>
    public TimeSpan Expires { get; init; } = TimeSpan.FromHours(1);
}
