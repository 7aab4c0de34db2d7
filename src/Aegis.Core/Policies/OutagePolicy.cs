namespace Aegis.Policies;

/// <summary>
/// What an instance does when the store of sessions cannot be reached. It goes on in sessions that it knows, as long as the store still answers reads from
/// what it knew last (in Redis 60 seconds, <c>KnownFor</c>), and spends no more than a share of what was left on every window. What was spent so is booked
/// when the store is back, before anything else is granted. Locks, questions to people and signed conversations are never decided without the store.
/// </summary>
public sealed record OutagePolicy
{
    /// <summary>The share of what is left of each limit and budget that an instance may spend by itself, above 0, 1 at most. Instances that are cut off at once can exceed a limit, each by no more than this share of what it knew to be left.</summary>
    /// <value>.1.</value>
    public double LocalShare { get; init; } = 0.1;
}
