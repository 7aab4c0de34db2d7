using System.Collections.Concurrent;

namespace Aegis;

/// <summary>
/// Sessions in memory, for one process. Bounded: beyond the capacity the least recently used go, locked ones last. Idle sessions are forgotten,
/// locked ones when their lock has ended. Thread-safe and lock-free on the way of an inspection.
/// </summary>
public sealed class MemorySessionStore : ISessionStore
{
    private const int SweepShare = 16;

    private readonly ConcurrentDictionary<SessionId, Entry> _sessions = new();
    private readonly Lock _sweep = new();
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private readonly TimeSpan _idle;
    private long _nextSweep;
    private int _count;

    /// <summary>An empty store.</summary>
    /// <param name="capacity">Sessions at most.</param>
    /// <param name="idleExpiry">How long an unused session is remembered.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is below 16, or <paramref name="idleExpiry"/> is not positive.</exception>
    public MemorySessionStore(int capacity = 100_000, TimeSpan? idleExpiry = null, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, SweepShare);
        _idle = idleExpiry ?? TimeSpan.FromHours(24);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_idle, TimeSpan.Zero, nameof(idleExpiry));
        _capacity = capacity;
        _time = time ?? TimeProvider.System;
        _nextSweep = (Now + SweepInterval).UtcTicks;
    }

    /// <summary>Sessions that are remembered.</summary>
    public int Count => Volatile.Read(ref _count);

    private DateTimeOffset Now => _time.GetUtcNow();

    private TimeSpan SweepInterval => _idle / 8;

    /// <inheritdoc/>
    public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_sessions.TryGetValue(id, out var entry) ? entry.State : SessionState.Empty);
    }

    /// <inheritdoc/>
    public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        cancellationToken.ThrowIfCancellationRequested();
        var now = Now.UtcTicks;
        if (now >= Volatile.Read(ref _nextSweep))
        {
            Sweep();
        }

        while (true)
        {
            var entry = _sessions.GetValueOrDefault(id);
            var state = entry?.State ?? SessionState.Empty;
            var (changed, result) = change(state, argument);
            if (ReferenceEquals(changed, state))
            {
                return new(result);
            }

            if (entry is null)
            {
                if (!_sessions.TryAdd(id, new(changed, now)))
                {
                    continue;
                }

                if (Interlocked.Increment(ref _count) > _capacity)
                {
                    Sweep();
                }

                return new(result);
            }

            // An entry that a sweep has taken out is dead, and so is a change to it.
            if (entry.TryChange(state, changed, now))
            {
                return new(result);
            }
        }
    }

    private void Sweep()
    {
        if (!_sweep.TryEnter())
        {
            return;   // somebody is at it
        }

        try
        {
            var now = Now;
            Volatile.Write(ref _nextSweep, (now + SweepInterval).UtcTicks);
            var oldest = (now - _idle).UtcTicks;
            var kept = new List<(SessionId Id, Entry Entry, long LastSeen, bool Locked)>(_count);
            foreach (var (id, entry) in _sessions)
            {
                var state = entry.State;
                var locked = state.IsLocked(now);
                if (!locked && entry.LastSeen < oldest)
                {
                    Remove(id, entry, state);
                }
                else
                {
                    entry.TryChange(state, state.Compact(now), entry.LastSeen);
                    kept.Add((id, entry, entry.LastSeen, locked));
                }
            }

            if (kept.Count <= _capacity)
            {
                return;
            }

            kept.Sort(static (a, b) => (a.Locked, a.LastSeen).CompareTo((b.Locked, b.LastSeen)));
            foreach (var (id, entry, _, _) in kept.Take(kept.Count - _capacity + (_capacity / SweepShare)))
            {
                Remove(id, entry, entry.State);
            }
        }
        finally
        {
            _sweep.Exit();
        }
    }

    private void Remove(SessionId id, Entry entry, SessionState state)
    {
        if (entry.TryKill(state) && _sessions.TryRemove(KeyValuePair.Create(id, entry)))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Entry(SessionState state, long lastSeen)
    {
        private SessionState? _state = state;
        private long _lastSeen = lastSeen;

        public SessionState State => Volatile.Read(ref _state) ?? SessionState.Empty;

        public long LastSeen => Volatile.Read(ref _lastSeen);

        public bool TryChange(SessionState expected, SessionState changed, long now)
        {
            Volatile.Write(ref _lastSeen, now);
            return ReferenceEquals(Interlocked.CompareExchange(ref _state, changed, expected), expected);
        }

        /// <summary>From then on no change succeeds.</summary>
        public bool TryKill(SessionState expected) => ReferenceEquals(Interlocked.CompareExchange(ref _state, null, expected), expected);
    }
}
