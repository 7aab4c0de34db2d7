namespace Aegis.AspNetCore.Health;

/// <summary>Asks the store of a guard's sessions, once a second for all who want to know: each question is a session more that a store knows, and anybody may ask. Thread-safe.</summary>
internal sealed class SessionStoreProbe(AegisGuard guard)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task? _answer;
    private long _askedAt;

    /// <summary>The latest answer.</summary>
    public Task AskAsync(TimeProvider time)
    {
        lock (_lock)
        {
            if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_askedAt) >= Fresh))
            {
                _askedAt = time.GetTimestamp();
                var nobody = new SessionId($"aegis-health-{Guid.NewGuid():N}");   // read, never written; stores answer for sessions that they know without asking
                _answer = guard.Sessions.GetAsync(nobody, CancellationToken.None).AsTask();
            }

            return _answer;
        }
    }
}
