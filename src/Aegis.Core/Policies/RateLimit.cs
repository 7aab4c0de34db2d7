namespace Aegis.Policies;

/// <summary>At most so many in a sliding window.</summary>
/// <param name="Max">At most; 0 allows none.</param>
/// <param name="Window">The window, one second to 366 days. Counted in 64 buckets; never more than <paramref name="Max"/> in any window.</param>
public sealed record RateLimit(int Max, TimeSpan Window);
