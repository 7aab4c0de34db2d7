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

    /// <summary>The same state without what can no longer matter.</summary>
    internal SessionState Compact(DateTimeOffset now)
    {
        var meters = Meters.RemoveAll(meter => meter.Used(now) == 0);
        var runs = Runs.RemoveAll(run => run.Expires <= now);
        var pending = Pending.RemoveAll(approval => approval.Expires <= now);
        var held = IsLocked(now) ? Lock : null;
        return meters.IsEmpty && runs.IsEmpty && pending.IsEmpty && held is null ? Idle[(int)Labels]
            : meters == Meters && runs == Runs && pending == Pending && held == Lock ? this
            : this with { Meters = meters, Runs = runs, Pending = pending, Lock = held };
    }
}
