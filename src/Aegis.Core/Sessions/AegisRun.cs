using System.Collections.Concurrent;
using Aegis.Answers;
using Aegis.Events;

namespace Aegis;

/// <summary>
/// A run in this process: one turn of the host's user with all its model steps, tool calls and sub-agents. All layers and frameworks that take
/// part in the turn share one. What it has spent is in the session; here is only which session, and what this process hands from seam to seam.
/// </summary>
internal sealed class AegisRun
{
    private List<(string Call, string Policy)>? _grants;
    private ConcurrentDictionary<AegisGuard, AegisRun>? _siblings;
    private AnswerMemory? _answers;
    private volatile bool _open;
    private long _unread;   // the bits of a double
    private long _counted;
    private long _owed;
    private long _helped;

    public AegisRun(AegisGuard guard, SessionId? session, AegisRun? parent, bool startedByMessages, int steps = 0)
    {
        Guard = guard;
        Id = RunId.Next();
        Session = session ?? SessionId.Anonymous(FormattableString.Invariant($"run-{Id.Process:x16}-{Id.Value}"));
        Parent = parent;
        Depth = parent is null ? 0 : parent.Depth + 1;
        var shares = parent is not null && ReferenceEquals(parent.Guard, guard) && parent.Session == Session;
        ForeignParent = shares ? parent!.ForeignParent : parent;
        Ticket = new(Id, shares ? parent!.Id : default, guard.Now, Depth, startedByMessages && parent is null, steps);
        _counted = Ticket.Started.UtcTicks;
    }

    private AegisRun(AegisGuard guard, SessionId session, RunTicket ticket, AegisRun? parent, long counted, long owed)
    {
        (Guard, Id, Session, Parent, Depth, Ticket) = (guard, ticket.Id, session, parent, ticket.Depth, ticket);
        (_counted, _owed) = (counted, owed);
    }

    /// <summary>A run as it was, for a replay.</summary>
    public static AegisRun Restored(AegisGuard guard, SessionId session, RunTicket ticket, AegisRun? parent, long counted, long owed) => new(guard, session, ticket, parent, counted, owed);

    /// <summary>A judge, the sandbox or a second look has cost so much, in millionths: the next event says it, as a rule that of whoever was asked.</summary>
    public void Helped(long micros) => Interlocked.Add(ref _helped, micros);

    /// <summary>What they have cost that no event has said yet.</summary>
    public long TakeHelped() => Volatile.Read(ref _helped) == 0 ? 0 : Interlocked.Exchange(ref _helped, 0);

    public AegisGuard Guard { get; }

    public RunId Id { get; }

    public SessionId Session { get; }

    public AegisRun? Parent { get; }

    /// <summary>The nearest run above whose account is in another session or with another guard; null: all of them share one.</summary>
    public AegisRun? ForeignParent { get; }

    public int Depth { get; }

    public RunTicket Ticket { get; }

    /// <summary>Until when its time was charged, in UTC ticks, and the time before that which was not.</summary>
    public (long Until, long Owed) Counted => (Interlocked.Read(ref _counted), Interlocked.Read(ref _owed));

    /// <summary>Nobody says whose run it is: its windows count on the guard instance.</summary>
    public bool IsAnonymous => Session.Origin == SessionOrigin.Anonymous;

    /// <summary>What the guards of answers remember.</summary>
    public AnswerMemory Answers => LazyInitializer.EnsureInitialized(ref _answers);

    /// <summary>Whether its account was opened.</summary>
    public bool IsOpen
    {
        get => _open;
        set => _open = value;
    }

    /// <summary>Highest risk of what the run took in and no judge has read.</summary>
    public double Unread => BitConverter.Int64BitsToDouble(Interlocked.Read(ref _unread));

    /// <summary>Something went on that no judge has read.</summary>
    public void LeaveUnread(double risk)
    {
        for (var before = Interlocked.Read(ref _unread); risk > BitConverter.Int64BitsToDouble(before);)
        {
            var now = Interlocked.CompareExchange(ref _unread, BitConverter.DoubleToInt64Bits(risk), before);
            if (now == before)
            {
                return;
            }

            before = now;
        }
    }

    /// <summary>A judge has read the answer to all of it, but for what has come since.</summary>
    public void Read(double unread) => Interlocked.CompareExchange(ref _unread, 0, BitConverter.DoubleToInt64Bits(unread));

    /// <summary>The time that has passed since it was last counted, in ticks; it counts once.</summary>
    public long TakeTime(DateTimeOffset now)
    {
        for (var before = Interlocked.Read(ref _counted); now.UtcTicks > before;)
        {
            var seen = Interlocked.CompareExchange(ref _counted, now.UtcTicks, before);
            if (seen == before)
            {
                return now.UtcTicks - before + Interlocked.Exchange(ref _owed, 0);
            }

            before = seen;
        }

        return Interlocked.Exchange(ref _owed, 0);
    }

    /// <summary>Time that was taken and not charged.</summary>
    public void OweTime(long ticks) => Interlocked.Add(ref _owed, ticks);

    /// <summary>The same turn, as another guard in the same pipeline counts it.</summary>
    public AegisRun For(AegisGuard guard) => ReferenceEquals(guard, Guard) ? this
        : LazyInitializer.EnsureInitialized(ref _siblings).GetOrAdd(guard, static (other, run) => new(other, run.Session, run.Parent, startedByMessages: true), this);

    /// <summary>A person said yes to the call with this hash, once, when it was asked about by this version of the policy.</summary>
    public void Grant(string callHash, PolicyVersion by)
    {
        var grants = LazyInitializer.EnsureInitialized(ref _grants);
        lock (grants)
        {
            grants.Add((callHash, by.Hash));
        }
    }

    /// <summary>Uses a yes up, if there is one that counts under this version of the policy.</summary>
    public bool TakeGrant(string callHash, PolicyVersion under)
    {
        if (Volatile.Read(ref _grants) is not { } grants)
        {
            return false;
        }

        lock (grants)
        {
            return grants.Remove((callHash, under.Hash));
        }
    }
}
