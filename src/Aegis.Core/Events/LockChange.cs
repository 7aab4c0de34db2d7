namespace Aegis.Events;

/// <summary>What an event says of a lock beside its kind.</summary>
/// <param name="Until">When the lock ends by itself; null: when it is released.</param>
/// <param name="By">Who the host says did it.</param>
/// <param name="Reason">Why, as the host says.</param>
/// <param name="HasExpired">Whether it has ended by itself.</param>
internal sealed record LockChange(DateTimeOffset? Until = null, string? By = null, string? Reason = null, bool HasExpired = false);
