using System.Collections.Immutable;

namespace Aegis;

/// <summary>All that is remembered of a conversation. Immutable: a store replaces it whole.</summary>
public sealed record SessionState
{
    internal const int MaxRuns = 256;

    /// <summary>Nothing is remembered.</summary>
    public static readonly SessionState Empty = new();

    private static readonly SessionState[] Idle = [Empty, new() { Labels = SessionLabels.Untrusted }, new() { Labels = SessionLabels.Private }, new() { Labels = SessionLabels.Both }];   // shared: an idle session takes nothing more

    private SessionState()
    {
    }

    /// <summary>The lock, if there is one.</summary>
    public SessionLock? Lock { get; init; }

    internal ImmutableArray<WindowMeter> Meters { get; init; } = [];

    internal ImmutableArray<RunState> Runs { get; init; } = [];

    internal ImmutableArray<PendingApproval> Pending { get; init; } = [];

    /// <summary>What it has taken in; only added to.</summary>
    internal SessionLabels Labels { get; init; }

    /// <summary>What the texts that a user typed had of an attack; null: nothing.</summary>
    internal RiskTrail? Risks { get; init; }

    /// <summary>What its user typed and what was blocked as an attack, while it counts.</summary>
    internal ImmutableArray<Strike> Strikes { get; init; } = [];

    /// <summary>Where its signed conversations have got to; <see cref="HistoryHead.Most"/> at most.</summary>
    internal ImmutableArray<HistoryHead> Histories { get; init; } = [];

    /// <summary>The whole state in a few bytes, for stores outside the process. Keep them as they are, under the session's name: a checksum over both tells what was changed since.</summary>
    /// <param name="id">The session.</param>
    /// <returns>The bytes, some hundred.</returns>
    public byte[] ToBytes(SessionId id) => SessionCodec.Write(this, id);

    /// <summary>Reads what <see cref="ToBytes"/> wrote for the same session. What is damaged, of another session, or written by a version that says other things than this one knows, is refused as a whole; a store lets the exception out, and the inspection blocks.</summary>
    /// <param name="id">The session.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The state.</returns>
    /// <exception cref="AegisException">They are not a state of this session that can be read here.</exception>
    public static SessionState FromBytes(SessionId id, ReadOnlySpan<byte> bytes) => SessionCodec.Read(bytes, id);

    /// <summary>Whether nothing may happen in this session now.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Whether a lock holds.</returns>
    public bool IsLocked(DateTimeOffset now) => Lock is { } held && held.Holds(now);

    internal RunState? Run(RunId id)
    {
        foreach (var run in Runs)
        {
            if (run.Id == id)
            {
                return run;
            }
        }

        return null;
    }

    internal long Used(Budget budget, DateTimeOffset now)
    {
        foreach (var meter in Meters)
        {
            if (string.Equals(meter.Key, budget.Key, StringComparison.Ordinal))
            {
                return meter.Used(now);
            }
        }

        return 0;
    }

    /// <summary>The same for somebody whose clock is behind: its windows have got to a time, and what is added to them counts from there.</summary>
    internal SessionState At(DateTimeOffset latest) => Meters.IsEmpty ? this : this with { Meters = [.. Meters.Select(meter => meter.At(latest))] };

    /// <summary>After that: what began to be counted meanwhile counts from there too.</summary>
    internal SessionState MovedTo(DateTimeOffset latest) => Meters.IsEmpty ? this : this with { Meters = [.. Meters.Select(meter => meter.MovedTo(latest))] };

    /// <summary>When nothing in it counts any more, but for its labels and for a lock without an end.</summary>
    internal DateTimeOffset Ends(DateTimeOffset now)
    {
        var ends = Lock?.Until ?? now;
        foreach (var meter in Meters)
        {
            ends = Latest(ends, now.AddTicks(Math.Min(meter.Account.Window, TimeSpan.TicksPerDay * 3_660)));
        }

        foreach (var run in Runs)
        {
            ends = Latest(ends, run.Expires);
        }

        foreach (var approval in Pending)
        {
            ends = Latest(ends, approval.Expires);
        }

        foreach (var strike in Strikes)
        {
            ends = Latest(ends, new(strike.UntilTicks, TimeSpan.Zero));
        }

        return Risks is null ? ends : Latest(ends, new(Risks.ExpiresTicks, TimeSpan.Zero));

        static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
    }

    /// <summary>The same state without what can no longer matter.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The state; <see cref="Empty"/> when a store may forget the session.</returns>
    public SessionState Compact(DateTimeOffset now)
    {
        var meters = Meters.RemoveAll(meter => meter.Used(now) == 0);
        var runs = Runs.RemoveAll(run => run.Expires <= now);
        var pending = Pending.RemoveAll(approval => approval.Expires <= now);
        var held = IsLocked(now) ? Lock : null;
        var risks = Risks?.IsOver(now) == false ? Risks : null;
        var strikes = Strikes.RemoveAll(strike => strike.UntilTicks <= now.UtcTicks);
        return meters.IsEmpty && runs.IsEmpty && pending.IsEmpty && held is null && risks is null && strikes.IsEmpty && Histories.IsEmpty ? Idle[(int)Labels]
            : meters == Meters && runs == Runs && pending == Pending && held == Lock && risks == Risks && strikes == Strikes ? this
            : this with { Meters = meters, Runs = runs, Pending = pending, Lock = held, Risks = risks, Strikes = strikes };
    }
}
