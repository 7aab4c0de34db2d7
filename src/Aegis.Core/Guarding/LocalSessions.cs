using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Aegis.Guarding;

/// <summary>
/// The sessions of one store in which this process has gone on while the store was away (<c>session.outage</c>), and what each of them owes. All guards over a
/// store share it, so that an instance spends its share once. What is owed is booked with the next change of the session that the store takes, in one piece,
/// and where nothing more happens in the session, within seconds. A process that ends first owes it to nobody. Thread-safe.
/// </summary>
internal sealed class LocalSessions
{
    /// <summary>Sessions that may owe something at once; what would be one more blocks.</summary>
    public const int Most = 10_000;

    /// <summary>What is counted as an open failure.</summary>
    public const string Rule = "session/local-share";

    private static readonly TimeSpan BookEvery = TimeSpan.FromSeconds(1);
    private static readonly ConditionalWeakTable<ISessionStore, LocalSessions> OfStores = [];

    private readonly ConcurrentDictionary<SessionId, LocalSession> _owing = new();
    private int _count;
    private int _isBooking;

    private LocalSessions()
    {
    }

    /// <summary>Sessions that owe something.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether no session owes anything.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Those of a store.</summary>
    public static LocalSessions Of(ISessionStore store) => OfStores.GetValue(store, static _ => new());

    /// <summary>What a session owes.</summary>
    public OwedState OwedBy(SessionId id) => _owing.TryGetValue(id, out var local) ? local.Owed : OwedState.Nothing;

    /// <summary>Changes a session in its store, with what it owes; or here, where the store is away and the policy lets this go on.</summary>
    public async ValueTask<TResult> UpdateAsync<TArgument, TResult>(GuardPipeline pipeline, ISessionStore store, SessionId id, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken)
    {
        while (true)
        {
            Exception? away = null;
            if (!_owing.TryGetValue(id, out var local))
            {
                try
                {
                    return await pipeline.ChangeAsync(store, id, change, argument, cancellationToken);
                }
                catch (Exception e) when (pipeline.Policy.LocalShare is not null && LocalSession.IsAway(e, cancellationToken) && TryAdd(id, out local))
                {
                    away = e;
                }
            }

            try
            {
                if (await local!.UpdateAsync(pipeline, store, id, change, argument, away, cancellationToken) is (true, var result))
                {
                    return result!;
                }
            }
            finally
            {
                Follow(pipeline, store, id, local);
            }
        }
    }

    private bool TryAdd(SessionId id, out LocalSession local)
    {
        var made = new LocalSession();
        if (Interlocked.Increment(ref _count) > Most)
        {
            Interlocked.Decrement(ref _count);
            return _owing.TryGetValue(id, out local!);
        }

        local = _owing.GetOrAdd(id, made);
        if (!ReferenceEquals(local, made))
        {
            Interlocked.Decrement(ref _count);
        }

        return true;
    }

    /// <summary>Forgets a session that owes nothing any more; else sees to it that it is booked.</summary>
    private void Follow(GuardPipeline pipeline, ISessionStore store, SessionId id, LocalSession local)
    {
        if (local.IsOver)
        {
            if (_owing.TryRemove(KeyValuePair.Create(id, local)))
            {
                Interlocked.Decrement(ref _count);
            }
        }
        else if (Interlocked.CompareExchange(ref _isBooking, 1, 0) == 0)
        {
            Abandoned.Observe(BookAsync(pipeline, store));
        }
    }

    private async Task BookAsync(GuardPipeline pipeline, ISessionStore store)
    {
        do
        {
            while (!IsEmpty)
            {
                await Task.Delay(BookEvery, pipeline.Services.Time);
                foreach (var (id, local) in _owing)
                {
                    var isThere = await local.BookAsync(pipeline, store, id);
                    Follow(pipeline, store, id, local);
                    if (!isThere)
                    {
                        break;   // the others wait with it
                    }
                }
            }

            Volatile.Write(ref _isBooking, 0);
        }
        while (!IsEmpty && Interlocked.CompareExchange(ref _isBooking, 1, 0) == 0);
    }
}
