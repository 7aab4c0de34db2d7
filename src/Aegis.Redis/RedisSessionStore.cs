using Aegis.Guarding;
using StackExchange.Redis;

namespace Aegis;

/// <summary>
/// Sessions in Redis, for all instances of a service: Redis 5 or later, Valkey or Garnet with Lua. Every change is one round trip and happens whole or not at
/// all, whoever else writes; what is known here counts without asking for a while (<see cref="RedisSessionOptions.KnownFor"/>), so that an inspection in which
/// nothing is counted asks nothing. Locks that another instance sets are heard of at once. Time is that of Redis. When Redis cannot be reached, sessions that
/// are known here can be read for as long, which a guard counts as an open failure (<c>session/unavailable</c> in <see cref="AegisGuard.Health"/>), and no change
/// succeeds: see <c>session.outage</c> in the policy. When Redis has lost what an instance knows, it is written back by the one that knows most. Thread-safe.
/// </summary>
public sealed class RedisSessionStore : ISessionStore, IRememberingStore, ISharedClock, IDisposable
{
    private readonly Generations<string, SessionQueue> _queues;
    private readonly RedisSessionOptions _options;
    private readonly LockListener _listener;
    private readonly ServerClock _clock;
    private readonly RedisLink _link;
    private readonly StoredSession _format;
    private readonly TimeProvider _time;

    /// <summary>A store.</summary>
    /// <param name="redis">The connection, which stays the caller's. Connect it with <c>AbortOnConnectFail = false</c>, so that the service starts without Redis and blocks until it is there.</param>
    /// <param name="options">How; the defaults unless said otherwise.</param>
    /// <param name="time">The clock for timeouts, and for everything until Redis has said what time it is; the system's unless said otherwise.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RedisSessionStore(IConnectionMultiplexer redis, RedisSessionOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _options = (options ?? new()).Checked();
        _time = time ?? TimeProvider.System;
        _queues = new(_options.Capacity);
        _clock = new(_time);
        _format = new(_options.Key);
        _listener = new(redis, _options.Prefix, _time, key => (_queues.TryGet(key, out var queue) ? queue : null)?.Outdate(), (key, number) => (_queues.TryGet(key, out var queue) ? queue : null)?.Restore(number));
        _link = new(redis, _options, _listener, _clock, _time);
        Abandoned.Observe(_link.GreetAsync().AsTask());
    }

    /// <summary>Questions to Redis so far, one round trip each.</summary>
    public long RoundTrips => _link.RoundTrips;

    /// <summary>Whether locks that other instances set are heard of; else everything is asked for.</summary>
    internal bool IsHearing => _listener.IsHearing;

    /// <inheritdoc/>
    public DateTimeOffset Now => _clock.Now;

    /// <inheritdoc/>
    public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = QueueOf(id);
        return queue.Fresh is { } known ? new(known) : StateAsync(queue, cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<(SessionState State, bool IsOld)> IRememberingStore.ReadKnownAsync(SessionId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = QueueOf(id);
        return queue.Fresh is { } known ? new((known, false)) : AskAsync(queue, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        cancellationToken.ThrowIfCancellationRequested();
        return QueueOf(id).EnqueueAsync<TArgument, TResult>(new(change, argument, cancellationToken), cancellationToken);
    }

    /// <summary>Stops listening for locks. The connection stays open.</summary>
    public void Dispose() => _listener.Dispose();

    private static async ValueTask<SessionState> StateAsync(SessionQueue queue, CancellationToken cancellationToken) => (await AskAsync(queue, cancellationToken)).State;

    private static async ValueTask<(SessionState State, bool IsOld)> AskAsync(SessionQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await queue.EnqueueAsync<int, SessionState>(new(static (state, _) => (state, state), 0, cancellationToken), cancellationToken), false);
        }
        catch (Exception e) when (e is RedisException or TimeoutException && queue.Last is not null)
        {
            return (queue.Last ?? throw new TimeoutException(), true);   // its time may have ended in between
        }
    }

    private SessionQueue QueueOf(SessionId id) => _queues.TryGet(id.ToStorageKey(), out var queue) ? queue
        : _queues.GetOrAdd(id.ToStorageKey(), () => new(id, _options, _link, _format, _listener, _clock, _time));
}
