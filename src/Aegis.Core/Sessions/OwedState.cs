using System.Collections.Immutable;

namespace Aegis;

/// <summary>
/// What was done in a session while its store was away, and what the store has yet to hear of. Amounts are added up, so that it is no bigger than a session.
/// Immutable and pure: a store may book it twice and keep the last.
/// </summary>
internal sealed record OwedState
{
    /// <summary>Nothing is owed.</summary>
    public static readonly OwedState Nothing = new();

    private const double Least = 1e-9;
    private const long Most = long.MaxValue / 4;   // sums of it are still right

    private ImmutableArray<WindowMeter> Meters { get; init; } = [];

    /// <summary>As they are here: no other process knows these runs.</summary>
    private ImmutableArray<RunState> Runs { get; init; } = [];

    private SessionLabels Labels { get; init; }

    private RiskTrail? Risks { get; init; }

    private ImmutableArray<Strike> Strikes { get; init; } = [];

    private SessionLock? Lock { get; init; }

    /// <summary>Whether there is nothing to book.</summary>
    public bool IsNothing => Meters.IsEmpty && Runs.IsEmpty && Labels == SessionLabels.None && Risks is null && Strikes.IsEmpty && Lock is null;

    /// <summary>The session with all of it, also beyond its limits: it has happened.</summary>
    public SessionState Book(SessionState state, DateTimeOffset now)
    {
        var meters = state.Meters;
        foreach (var meter in Meters)
        {
            meters = Add(meters, meter.Account, meter.Used(now), now);
        }

        return With(state, meters);
    }

    /// <summary>The session for somebody who may spend a share of what is left: all that was spent here weighs as much more. So does what is about to be spent, up to <paramref name="next"/>, but for the amount itself, which the change adds.</summary>
    public SessionState Weighed(SessionState state, double share, OwedState next, DateTimeOffset now)
    {
        var meters = state.Meters;
        foreach (var meter in next.Meters)
        {
            var (used, before) = (meter.Used(now), Used(Meters, meter.Key, now));
            meters = Add(meters, meter.Account, Weigh(used, share) - (used - before), now);
        }

        return With(state, meters);
    }

    /// <summary>With one more change; null: it is none that may be made without the store, because what it takes or lifts must be taken or lifted once at all instances: an open question, a place in a signed conversation, a lock.</summary>
    /// <param name="before">The session as the change has seen it.</param>
    /// <param name="after">What it has made of it.</param>
    /// <param name="now">The time.</param>
    public OwedState? And(SessionState before, SessionState after, DateTimeOffset now)
    {
        var locks = after.Lock != before.Lock;
        if ((locks && after.Lock is null) || after.Histories != before.Histories || (after.Pending != before.Pending && !locks))
        {
            return null;
        }

        var meters = Meters;
        foreach (var meter in after.Meters)
        {
            var amount = meter.Used(now) - Used(before.Meters, meter.Key, now);
            meters = amount == 0 ? meters : Add(meters, meter.Account, amount, now);
        }

        var runs = Runs.RemoveAll(run => after.Run(run.Id) is null);   // one that has ended is not gone on with; where it is known it expires by itself
        foreach (var run in after.Runs)
        {
            if (!ReferenceEquals(run, before.Run(run.Id)))
            {
                runs = runs.RemoveAll(known => known.Id == run.Id).Add(run);
            }
        }

        return new()
        {
            Meters = meters.RemoveAll(meter => meter.Used(now) == 0),
            Runs = runs,
            Labels = Labels | (after.Labels & ~before.Labels),
            Risks = after.Risks == before.Risks ? Risks : after.Risks,
            Strikes = locks ? [] : [.. Strikes, .. after.Strikes.Where(strike => !before.Strikes.Contains(strike))],
            Lock = locks ? after.Lock : Lock,
        };
    }

    private SessionState With(SessionState state, ImmutableArray<WindowMeter> meters)
    {
        var runs = state.Runs;
        foreach (var run in Runs)
        {
            runs = state.Run(run.Id) is { } known ? runs.Replace(known, Gone(known, run), ReferenceEqualityComparer.Instance) : runs.Add(run);
        }

        return state with
        {
            Meters = meters,
            Runs = runs.Length > SessionState.MaxRuns ? runs.RemoveRange(0, runs.Length - SessionState.MaxRuns) : runs,
            Labels = state.Labels | Labels,
            Risks = RiskTrail.Both(state.Risks, Risks),
            Strikes = Strikes.IsEmpty ? state.Strikes : [.. state.Strikes.Concat(Strikes.Where(strike => !state.Strikes.Any(known => known.Text == strike.Text))).TakeLast(Strike.Most)],
            Lock = SessionMerge.Strictest(state.Lock, Lock),
        };
    }

    /// <summary>A run that has gone on here. The store may know of a change whose answer was lost; a risk that was waiting for the next step has been counted with it.</summary>
    private static RunState Gone(RunState from, RunState to) =>
        SessionMerge.Strictest(to, from) is var both && to.Steps > from.Steps ? both with { PendingRisk = to.PendingRisk } : both;

    private static long Used(ImmutableArray<WindowMeter> meters, string key, DateTimeOffset now)
    {
        foreach (var meter in meters)
        {
            if (string.Equals(meter.Key, key, StringComparison.Ordinal))
            {
                return meter.Used(now);
            }
        }

        return 0;
    }

    /// <summary>With an amount more. What is given back comes from what stands there, and what is left of that counts from now: longer, never shorter.</summary>
    private static ImmutableArray<WindowMeter> Add(ImmutableArray<WindowMeter> meters, MeterKey account, long amount, DateTimeOffset now)
    {
        for (var i = 0; i < meters.Length; i++)
        {
            if (string.Equals(meters[i].Key, account.Name, StringComparison.Ordinal))
            {
                return meters.SetItem(i, amount >= 0 ? meters[i].Add(now, amount) : Fresh(account, Math.Max(0, meters[i].Used(now) + amount), now));
            }
        }

        return amount <= 0 ? meters : meters.Add(Fresh(account, amount, now));
    }

    private static WindowMeter Fresh(MeterKey account, long amount, DateTimeOffset now) => new WindowMeter(account, 0, 0, []).Add(now, amount);

    private static long Weigh(long amount, double share) => amount == 0 ? 0
        : share < Least ? Most
        : (long)Math.Min(Most, Math.Ceiling(amount / (decimal)share));
}
