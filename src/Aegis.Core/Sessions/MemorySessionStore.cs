using System.Collections.Concurrent;

namespace Aegis;

/// <summary>
/// Sessions in memory, for one process. Bounded: beyond the capacity the least recently used go, locked ones last. Idle sessions are forgotten
/// when nothing in them counts any more: no lock, no window, no run. Thread-safe; nobody waits but newcomers while the store is over its capacity.
/// </summary>
public sealed class MemorySessionStore : ISessionStore
{
    private const int SweepShare = 16;

    private readonly ConcurrentDictionary<SessionId, Entry> _sessions = new();
    private readonly Lock _sweep = new();
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private readonly long _startTimestamp;
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
        _start = _time.GetUtcNow();
        _startTimestamp = _time.GetTimestamp();
        _nextSweep = (Now + SweepInterval).UtcTicks;
    }

    /// <summary>Sessions that are remembered.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Monotonic, as in the pipeline: a wall clock that jumps must not end windows and locks.</summary>
    private DateTimeOffset Now => _start + _time.GetElapsedTime(_startTimestamp);

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
            Sweep(wait: false);
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

                var count = Interlocked.Increment(ref _count);
                if (count > _capacity)
                {
                    Sweep(wait: count > _capacity + (_capacity / SweepShare));   // newcomers may not outrun the sweep
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

    private void Sweep(bool wait)
    {
        if (wait)
        {
            _sweep.Enter();
        }
        else if (!_sweep.TryEnter())
        {
            return;   // somebody is at it
        }

        try
        {
            if (wait && Count <= _capacity)
            {
                return;   // somebody was
            }

            var now = Now;
            Volatile.Write(ref _nextSweep, (now + SweepInterval).UtcTicks);
            var oldest = (now - _idle).UtcTicks;
            var kept = new List<(SessionId Id, Entry Entry, long LastSeen, bool Locked)>(_count);
            foreach (var (id, entry) in _sessions)
            {
                var state = entry.State;
                var locked = state.IsLocked(now);
                var compact = state.Compact(now);
                if (entry.LastSeen < oldest && ReferenceEquals(compact, SessionState.Empty))
                {
                    Remove(id, entry, state);
                }
                else
                {
                    entry.TryReplace(state, compact);
                    kept.Add((id, entry, entry.LastSeen, locked));
                }
            }

            if (kept.Count <= _capacity)
            {
                return;
            }

            kept.Sort(static (a, b) => (a.Locked, a.LastSeen).CompareTo((b.Locked, b.LastSeen)));
            var excess = kept.Count - _capacity;
            foreach (var (id, entry, _, locked) in kept.Take(excess + (_capacity / SweepShare)))
            {
                // A locked one goes only when it must, and never as one that was not locked when it was looked at.
                var state = entry.State;
                if (state.IsLocked(now) == locked && (!locked || excess > 0))
                {
                    Remove(id, entry, state);
                    excess--;
                }
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
            return TryReplace(expected, changed);
        }

        /// <summary>A change that is no use of the session.</summary>
        public bool TryReplace(SessionState expected, SessionState changed) => ReferenceEquals(Interlocked.CompareExchange(ref _state, changed, expected), expected);

        /// <summary>From then on no change succeeds.</summary>
        public bool TryKill(SessionState expected) => ReferenceEquals(Interlocked.CompareExchange(ref _state, null, expected), expected);
    }
}
