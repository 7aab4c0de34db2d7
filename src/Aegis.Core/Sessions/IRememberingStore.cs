namespace Aegis;

/// <summary>A session store that goes on with what it has known last while it cannot ask, and says so: the guard counts that as an open failure. Thread-safe.</summary>
internal interface IRememberingStore
{
    /// <summary>The state of a session, and whether it is what was known last because nobody has answered.</summary>
    ValueTask<(SessionState State, bool IsOld)> ReadKnownAsync(SessionId id, CancellationToken cancellationToken);
}
