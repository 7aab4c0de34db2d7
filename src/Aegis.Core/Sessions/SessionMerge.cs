using System.Collections.Immutable;

namespace Aegis;

/// <summary>Two states of one session, of which one has not heard everything: after a store has lost some of what was written.</summary>
internal static class SessionMerge
{
    /// <summary>What grants no more than either of them does.</summary>
    public static SessionState Strictest(SessionState a, SessionState b) => SessionState.Empty with
    {
        Lock = Strictest(a.Lock, b.Lock),
        Meters = Merge(a.Meters, b.Meters, static meter => meter.Key, WindowMeter.Most),
        Runs = Runs(Merge(a.Runs, b.Runs, static run => run.Id, Strictest)),
        Pending = [.. a.Pending.Where(known => b.Pending.Any(other => other.IsNamed(known.RequestId)))],   // what was answered on one side is answered
        Labels = a.Labels | b.Labels,
        Strikes = [.. Merge(a.Strikes, b.Strikes, static strike => strike.Text, static (one, other) => one.UntilTicks > other.UntilTicks ? one : other).Take(Strike.Most)],
        Histories = [.. Merge(a.Histories, b.Histories, static head => head.Root, static (one, other) => one.Count >= other.Count ? one : other).Take(HistoryHead.Most)],
        Risks = RiskTrail.Both(a.Risks, b.Risks),
    };

    /// <summary>The lock that holds more and longer.</summary>
    public static SessionLock? Strictest(SessionLock? a, SessionLock? b) => a is null ? b
        : b is null ? a
        : new(a.Kind > b.Kind ? a.Kind : b.Kind, a.Until is null || b.Until is null ? null : a.Until > b.Until ? a.Until : b.Until);

    /// <summary>A run that has spent no less than either says.</summary>
    public static RunState Strictest(RunState a, RunState b) => a with
    {
        ExpiresTicks = Math.Min(a.ExpiresTicks, b.ExpiresTicks),
        Steps = Math.Max(a.Steps, b.Steps),
        Risk = Math.Max(a.Risk, b.Risk),
        PendingRisk = Math.Max(a.PendingRisk, b.PendingRisk),
        Closed = a.Closed || b.Closed,
        Judged = Math.Max(a.Judged, b.Judged),
        Spent = Strictest(a.Spent, b.Spent),
        Trail = (a.Trail?.Length ?? 0) >= (b.Trail?.Length ?? 0) ? a.Trail : b.Trail,
    };

    /// <summary>As many as a session has: those that can still go on before those that are closed, and of them those that have spent most.</summary>
    private static ImmutableArray<RunState> Runs(ImmutableArray<RunState> runs) => runs.Length <= SessionState.MaxRuns ? runs
        : [.. runs.OrderBy(static run => run.Closed).ThenByDescending(static run => run.Risk + run.PendingRisk).ThenByDescending(static run => run.Steps).Take(SessionState.MaxRuns)];

    private static RunSpent? Strictest(RunSpent? a, RunSpent? b) => a is null ? b
        : b is null ? a
        : a with
        {
            ToolCalls = Math.Max(a.ToolCalls, b.ToolCalls),
            EgressBytes = Math.Max(a.EgressBytes, b.EgressBytes),
            Tokens = Math.Max(a.Tokens, b.Tokens),
            CostMicros = Math.Max(a.CostMicros, b.CostMicros),
        };

    private static ImmutableArray<T> Merge<T, TKey>(ImmutableArray<T> a, ImmutableArray<T> b, Func<T, TKey> key, Func<T, T, T> merge)
        where TKey : notnull
    {
        var others = b.ToDictionary(key);
        return [.. a.Select(item => others.Remove(key(item), out var other) ? merge(item, other) : item), .. others.Values];
    }
}
