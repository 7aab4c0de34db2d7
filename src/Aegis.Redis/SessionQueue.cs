using Aegis.Guarding;

namespace Aegis;

/// <summary>
/// One session as this instance sees it. What waits is taken together: all changes are made to what is known, one after the other, and written once, if
/// nobody else has written meanwhile; else they are made again to what is there now. So a thousand agents on one budget cost a few round trips, and
/// instances wait for each other only where they write the same session. Thread-safe.
/// </summary>
internal sealed class SessionQueue(SessionId id, RedisSessionOptions options, RedisLink link, StoredSession format, LockListener listener, ServerClock clock, TimeProvider time)
{
    private readonly Lock _gate = new();
    private List<SessionChange> _waiting = [];
    private bool _isAtWork;
    private KnownSession? _known;
    private volatile bool _isSought;

    /// <summary>The state, where it counts without asking.</summary>
    public SessionState? Fresh => Volatile.Read(ref _known) is { IsOutdated: false, IsLost: false } known && known.Epoch == listener.Epoch && listener.IsHearing && Counts(known) ? known.State : null;

    /// <summary>The state as it was known last, where that still counts.</summary>
    public SessionState? Last => Volatile.Read(ref _known) is { IsOutdated: false } known && Counts(known) ? known.State : null;

    /// <summary>Another instance has changed its lock.</summary>
    public void Outdate()
    {
        for (var known = Volatile.Read(ref _known); known is { IsOutdated: false };)
        {
            var before = Interlocked.CompareExchange(ref _known, known with { IsOutdated = true }, known);
            known = ReferenceEquals(before, known) ? null : before;
        }
    }

    /// <summary>Redis has lost the session, and another instance knows it up to a writing: what is known here of later ones is written back.</summary>
    public void Restore(long number)
    {
        if (Volatile.Read(ref _known) is { } known && known.Highest > number)
        {
            _isSought = true;
            Abandoned.Observe(EnqueueAsync<int, int>(new(static (state, _) => (state with { }, 0), 0, CancellationToken.None), CancellationToken.None).AsTask());
        }
    }

    public async ValueTask<TResult> EnqueueAsync<TArgument, TResult>(SessionChange<TArgument, TResult> change, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _waiting.Add(change);
            if (!_isAtWork)
            {
                _isAtWork = true;
                _ = WorkAsync();   // lets nothing out
            }
        }

        Abandoned.Observe(change.Answer);
        return await change.Answer.WaitAsync(options.Timeout * 1.1, time, cancellationToken);   // behind those who were first
    }

    private async Task WorkAsync()
    {
        await Task.Yield();   // the lock is not held over a question
        while (true)
        {
            List<SessionChange> changes;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _isAtWork = false;
                    return;
                }

                (changes, _waiting) = (_waiting, []);
            }

            try
            {
                await MakeAsync(changes);
                changes.ForEach(static change => change.Keep());
            }
            catch (Exception e)
            {
                changes.ForEach(change => change.Fail(e));
            }
        }
    }

    private async ValueTask MakeAsync(List<SessionChange> changes)
    {
        var began = time.GetTimestamp();
        foreach (var change in changes.Where(static change => change.IsCancelled))
        {
            change.Fail(new OperationCanceledException());
        }

        changes.RemoveAll(static change => change.IsCancelled);
        var known = Volatile.Read(ref _known) is { } last && !(last.Expires <= clock.Now) ? last : null;   // a lock without an end never expires
        var isConfirmed = false;
        var isSought = _isSought;
        _isSought = false;
        while (changes.Count > 0)
        {
            var epoch = listener.Epoch;   // before the question: what is said meanwhile is not missed
            var at = time.GetTimestamp();
            if (known is null)
            {
                var (_, stored) = await link.AskAsync(id, Stamp.Unknown, null, null, tellsLock: false, Rest(began));
                Set(known = Known(format.Unpack(id, stored), at, epoch));
                isConfirmed = true;
                continue;
            }

            var state = known.State;
            foreach (var change in changes)
            {
                state = change.Apply(state);
            }

            var writes = known.IsLost || !ReferenceEquals(state, known.State);
            if (!writes && isConfirmed)
            {
                return;
            }

            var now = clock.Now;
            state = writes ? state.Compact(now) : state;
            var stamp = writes ? known.Stamp.Next(known.Highest) : known.Stamp;
            var keep = writes ? Keep(state, now) : null;
            var (holds, other) = await link.AskAsync(id, known.Stamp, writes ? format.Pack(id, stamp, state) : null, keep, writes && (known.IsLost || state.Lock != known.State.Lock), Rest(began));
            if (holds)
            {
                Set(new(state, stamp, at, epoch, writes ? now + keep : known.Expires));
                return;
            }

            var there = Against(known, format.Unpack(id, other), at, epoch);
            if (there.IsLost && !isSought)
            {
                isSought = true;
                await listener.SeekAsync(id, known.Highest);
                await Task.Delay(options.Timeout / 4, time);   // whoever knows more writes it back meanwhile
                continue;
            }

            known = there;
            isConfirmed = !known.IsLost;
            Set(known);
        }
    }

    private KnownSession Known((Stamp Stamp, SessionState State) stored, long at, int epoch) => new(stored.State, stored.Stamp, at, epoch, clock.Now + options.TimeToLive);

    /// <summary>What is there now, against what was known: newer, or older, where Redis was emptied, or another server that had not heard everything has taken over.</summary>
    private KnownSession Against(KnownSession known, (Stamp Stamp, SessionState State) stored, long at, int epoch)
    {
        var there = Known(stored, at, epoch);
        return stored.Stamp.Number >= known.Highest ? there : there with { State = SessionMerge.Strictest(known.State, stored.State), Highest = known.Highest, IsLost = true, Expires = known.Expires };
    }

    private void Set(KnownSession known) => Volatile.Write(ref _known, known);

    private bool Counts(KnownSession known) => time.GetElapsedTime(known.At) < options.KnownFor;

    private TimeSpan Rest(long began) => options.Timeout - time.GetElapsedTime(began);

    /// <summary>How long Redis must keep it; null: until it is released.</summary>
    private TimeSpan? Keep(SessionState state, DateTimeOffset now) => state.Lock is { Until: null } ? null
        : state.Ends(now) - now is var needed && needed > options.TimeToLive ? needed : options.TimeToLive;
}
