using Aegis.Guarding;

namespace Aegis;

/// <summary>
/// One session as this instance sees it. What waits is taken together: all changes are made to what is known, one after the other, and written once, if
/// nobody else has written meanwhile; else they are made again to what is there now. So a thousand agents on one budget cost a few round trips, and
/// instances wait for each other only where they write the same session. Thread-safe.
/// </summary>
internal sealed class SessionQueue(SessionId id, RedisSessionOptions options, RedisLink link, StoredSession format, LockListener listener, ServerClock clock, TimeProvider time)
{
    private static readonly TimeSpan Behind = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly uint _writer = Lineage.NewId();   // not the instance's: a queue that was forgotten knows nothing of what it wrote
    private List<SessionChange> _waiting = [];
    private bool _isAtWork;
    private KnownSession? _known;
    private volatile bool _isSought;
    private int _heard;   // how often another instance has said that its lock is another one

    /// <summary>The state, where it counts without asking.</summary>
    public SessionState? Fresh => Volatile.Read(ref _known) is { IsOutdated: false, IsLost: false } known && known.Epoch == listener.Epoch && listener.IsHearing && Counts(known) ? known.State : null;

    /// <summary>The state as it was known last, where that still counts.</summary>
    public SessionState? Last => Volatile.Read(ref _known) is { IsOutdated: false } known && Counts(known) ? known.State : null;

    /// <summary>Another instance has changed its lock.</summary>
    public void Outdate()
    {
        Interlocked.Increment(ref _heard);   // first: an answer that is on its way is older than this
        MarkOutdated();
    }

    private void MarkOutdated()
    {
        for (var known = Volatile.Read(ref _known); known is { IsOutdated: false };)
        {
            var before = Interlocked.CompareExchange(ref _known, known with { IsOutdated = true }, known);
            known = ReferenceEquals(before, known) ? null : before;
        }
    }

    /// <summary>Redis may have lost the session, and another instance knows it up to a writing: if it has, what is known here of later ones is written back.</summary>
    public void Restore(long number)
    {
        if (Volatile.Read(ref _known) is { } known && known.Highest > number)
        {
            _isSought = true;
            Abandoned.Observe(EnqueueAsync<int, int>(new(static (state, _) => (state, 0), 0, CancellationToken.None), CancellationToken.None).AsTask());
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
            var (epoch, heard) = (listener.Epoch, Volatile.Read(ref _heard));   // before the question: what is said meanwhile is not missed
            var at = time.GetTimestamp();
            if (known is null)
            {
                var (_, stored) = await link.AskAsync(id, Stamp.Unknown, null, null, "", Rest(began));
                Set(known = Known(format.Unpack(id, stored!), at, epoch), heard);
                isConfirmed = true;
                continue;
            }

            var latest = clock.Latest;
            var isBehind = latest - clock.Now > Behind;   // what is added now is not past for the others
            var seen = isBehind ? known.State.At(latest) : known.State;
            var state = seen;
            foreach (var change in changes)
            {
                state = change.Apply(state);
            }

            var writes = known.IsLost || !ReferenceEquals(state, seen);
            if (!writes && isConfirmed)
            {
                return;
            }

            var now = clock.Now;
            state = !writes ? known.State : (isBehind ? state.MovedTo(latest) : state).Compact(now);
            var stamp = writes ? known.Stamp.Next(known.Highest) : known.Stamp;
            var keep = Keep(state, now);
            var lineage = writes ? known.Lineage.Next(_writer, stamp.Number) : known.Lineage;
            var (holds, other) = await link.AskAsync(id, known.Stamp, writes ? format.Pack(id, stamp, lineage, state) : null, keep, Says(known, state, writes), Rest(began));
            if (holds)
            {
                Set(new(state, stamp, at, epoch, now + keep) { Lineage = lineage }, heard);
                return;
            }

            if (other is null)
            {
                continue;   // the clock knows better now
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
            Set(known, heard);
        }
    }

    /// <summary>What the others must hear of a writing: of another lock, or of a session that nobody here has heard of.</summary>
    private string Says(KnownSession known, SessionState state, bool writes) => !writes ? ""
        : known.IsLost || state.Lock != known.State.Lock ? listener.LockOf(id)
        : known.Stamp.Number == 0 && id.Origin != SessionOrigin.Anonymous ? listener.BirthOf(id)
        : "";

    private KnownSession Known(Stored stored, long at, int epoch) => new(stored.State, stored.Stamp, at, epoch, clock.Now + options.TimeToLive) { Lineage = stored.Lineage };

    /// <summary>What is there now, against what was known: newer; or not written by those who have written what was known, where Redis was emptied, or another server that had not heard everything has taken over.</summary>
    private KnownSession Against(KnownSession known, Stored stored, long at, int epoch)
    {
        var there = Known(stored, at, epoch);
        return stored.Stamp.Number >= known.Highest && stored.Lineage.Holds(known.Lineage) ? there : there with { Lineage = stored.Lineage.And(known.Lineage), State = SessionMerge.Strictest(known.State, stored.State), Highest = Math.Max(stored.Stamp.Number, known.Highest), IsLost = true, Expires = known.Expires };
    }

    /// <summary>What an answer says counts, unless something was heard after its question.</summary>
    private void Set(KnownSession known, int heard)
    {
        Interlocked.Exchange(ref _known, heard == Volatile.Read(ref _heard) ? known : known with { IsOutdated = true });
        if (heard != Volatile.Read(ref _heard))
        {
            MarkOutdated();
        }
    }

    private bool Counts(KnownSession known) => time.GetElapsedTime(known.At) < options.KnownFor;

    private TimeSpan Rest(long began) => options.Timeout - time.GetElapsedTime(began);

    /// <summary>How long Redis must keep it; null: until it is released.</summary>
    private TimeSpan? Keep(SessionState state, DateTimeOffset now)
    {
        var needed = state.Ends(now) - now;
        return state.Lock is { Until: null } ? null
            : id.Origin == SessionOrigin.Anonymous ? needed + options.KnownFor   // nobody comes back to it
            : needed > options.TimeToLive ? needed : options.TimeToLive;
    }
}
