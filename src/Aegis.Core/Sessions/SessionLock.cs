namespace Aegis;

/// <summary>A lock on a session.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Until">When it ends by itself; <see langword="null"/>: never.</param>
public sealed record SessionLock(SessionLockKind Kind, DateTimeOffset? Until)
{
    internal bool Holds(DateTimeOffset now) => Until is null || now < Until;
}
