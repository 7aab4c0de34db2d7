using Aegis;
using Aegis.Events;
using Microsoft.Extensions.Caching.Memory;

namespace ChatService;

/// <summary>Who types two attacks is locked out for a while. What a tool brought does not count: a poisoned page must not lock its reader out. Strikes are counted in this instance; the lock holds in all.</summary>
internal sealed class Strikes : IEventSink, IDisposable
{
    private const int Most = 2;
    private const int Attackers = 10_000;

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lockout = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly MemoryCache _strikes = new(new MemoryCacheOptions { SizeLimit = Attackers });

    public void Write(AegisEvent e)
    {
        if (e is { Checkpoint: Checkpoint.Input, Decision: Decision.Block } && e.Verdict.Findings.Any(static finding => finding is { Decision: Decision.Block, Category: not null }))
        {
            lock (_lock)
            {
                _strikes.Set(e.Session, _strikes.Get<int>(e.Session) + 1, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Remembered });
            }
        }
    }

    public async ValueTask LockAsync(AegisSessions sessions, SessionId session)
    {
        lock (_lock)
        {
            if (_strikes.Get<int>(session) < Most)
            {
                return;
            }

            _strikes.Remove(session);
        }

        await sessions.QuarantineAsync(session, Lockout);
    }

    public void Dispose() => _strikes.Dispose();
}
