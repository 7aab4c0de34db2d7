using System.Runtime.InteropServices;

namespace Aegis;

/// <summary>The one place where a session changes by an inspection. Pure, so that a store may run it twice.</summary>
internal static class Ledger
{
    /// <summary>The state with all charges applied; or, with the index of the charge that was refused and why, the state unchanged.</summary>
    public static (SessionState State, (int Index, Finding Finding)? Refused) Apply(SessionState state, ReadOnlySpan<Charge> charges)
    {
        var changed = state;
        for (var i = 0; i < charges.Length; i++)
        {
            (changed, var refusal) = Apply(changed, charges[i]);
            if (refusal is not null)
            {
                return (state, (i, refusal));
            }
        }

        return (changed, null);
    }

    /// <summary>Only the windowed budgets, for the guard instance that anonymous runs share.</summary>
    public static (SessionState State, Finding? Refusal) SpendOnly(SessionState state, in Charge charge)
    {
        var changed = state;
        var refusal = SpendAll(ref changed, charge.Spends, charge.Now, !charge.NeverRefuse);
        return (refusal is null ? changed : state, refusal);
    }

    /// <inheritdoc cref="SpendOnly(SessionState, in Charge)"/>
    public static (SessionState State, (int Index, Finding Finding)? Refused) SpendOnly(SessionState state, ReadOnlySpan<Charge> charges)
    {
        var changed = state;
        for (var i = 0; i < charges.Length; i++)
        {
            if (SpendAll(ref changed, charges[i].Spends, charges[i].Now, !charges[i].NeverRefuse) is { } refusal)
            {
                return (state, (i, refusal));
            }
        }

        return (changed, null);
    }

    public static (SessionState State, Finding? Refusal) Apply(SessionState state, in Charge charge)
    {
        var enforce = !charge.NeverRefuse;
        if (enforce && state.IsLocked(charge.Now))
        {
            return (state, Locked(state));
        }

        var changed = state;
        if (changed.Run(charge.Run.Id) is null && Open(ref changed, charge) is { } unopened && enforce)
        {
            return (state, unopened);
        }

        if (charge.Spends is { Length: > 0 } && SpendAll(ref changed, charge.Spends, charge.Now, enforce) is { } spent)
        {
            return (state, spent);
        }

        for (var id = charge.Run.Id; !id.IsNone;)
        {
            var run = changed.Run(id);
            if (run is null)
            {
                break;   // the parent has ended; its children have accounts of their own
            }

            if (enforce && Refusal(run, charge, own: id == charge.Run.Id) is { } refusal)
            {
                return (state, refusal);
            }

            var advanced = Advance(run, charge, own: id == charge.Run.Id);
            if (!ReferenceEquals(advanced, run))
            {
                changed = changed with { Runs = changed.Runs.SetItem(changed.Runs.IndexOf(run, 0, changed.Runs.Length, ReferenceEqualityComparer.Instance), advanced) };
            }

            id = run.Parent;
        }

        return (changed, null);
    }

    /// <summary>Why the charge would be refused now, without applying it.</summary>
    public static Finding? Preview(SessionState state, in Charge charge)
    {
        if (charge.NeverRefuse)
        {
            return null;
        }

        if (state.IsLocked(charge.Now))
        {
            return Locked(state);
        }

        foreach (var spend in charge.Spends ?? [])
        {
            if (Refuses(state, spend, charge.Now))
            {
                return spend.Budget.Refusal();
            }
        }

        for (var run = state.Run(charge.Run.Id); run is not null; run = run.Parent.IsNone ? null : state.Run(run.Parent))
        {
            if (Refusal(run, charge, own: run.Id == charge.Run.Id) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    public static Finding Locked(SessionState state) =>
        Finding.Block(state.Lock!.Kind == SessionLockKind.Banned ? "session/banned" : "session/quarantined") with { Ends = RunEnd.Now };

    public static SessionState End(SessionState state, RunId run) =>
        state.Run(run) is { } ended ? state with { Runs = state.Runs.Remove(ended, ReferenceEqualityComparer.Instance) } : state;

    /// <summary>Adds a question; the oldest give way only when they have expired.</summary>
    public static (SessionState State, bool Added) Ask(SessionState state, PendingApproval approval, DateTimeOffset now, int capacity)
    {
        var pending = state.Pending.RemoveAll(known => known.Expires <= now || string.Equals(known.RequestId, approval.RequestId, StringComparison.Ordinal));
        return pending.Length >= capacity ? (state, false) : (state with { Pending = pending.Add(approval) }, true);
    }

    /// <summary>Takes a question out, so that it is answered once.</summary>
    public static (SessionState State, PendingApproval? Taken) Answer(SessionState state, string requestId, DateTimeOffset now)
    {
        foreach (var approval in state.Pending)
        {
            if (string.Equals(approval.RequestId, requestId, StringComparison.Ordinal))
            {
                return (state with { Pending = state.Pending.Remove(approval) }, approval.Expires > now ? approval : null);
            }
        }

        return (state, null);
    }

    private static Finding? Open(ref SessionState state, in Charge charge)
    {
        var (ticket, limits, now) = (charge.Run, charge.Limits, charge.Now);
        Finding? refusal = null;
        if (ticket.Depth > limits.MaxDepth)
        {
            refusal = Finding.Block("budget/depth", FormattableString.Invariant($"at most {limits.MaxDepth} sub-agents inside each other")) with { Ends = RunEnd.Now };
        }

        if (ticket.StartedByMessages)
        {
            refusal ??= SpendAll(ref state, [new(limits.Runs, 1)], now, enforce: true);
        }

        var runs = state.Runs.RemoveAll(run => run.Expires <= now);
        if (runs.Length >= SessionState.MaxRuns)
        {
            refusal ??= Finding.Block("budget/concurrent-runs", FormattableString.Invariant($"at most {SessionState.MaxRuns}"));
        }

        state = state with { Runs = runs.Add(new(ticket.Id, ticket.Parent, ticket.Started, ticket.Started + limits.MaxDuration) { Steps = ticket.Steps }) };
        return refusal;
    }

    private static Finding? Refusal(RunState run, in Charge charge, bool own)
    {
        if (!charge.Advances && !charge.Step && !charge.Closing)
        {
            return null;
        }

        var isCall = charge.Call != 0;
        var spent = charge.Limits.Spent(run, charge.Now);
        return charge.Closing && spent is { Ends: RunEnd.Gracefully } ? null
            : spent is not null ? spent
            : !isCall && !charge.Closing && run.Steps >= charge.Limits.MaxSteps ? charge.Limits.StepsSpent()
            : isCall && own && CallTrail.Repeats(run.Trail, charge.Call) >= charge.Limits.RepeatedCalls
                ? Finding.Block("loop/repeated-call", FormattableString.Invariant($"the same call with the same result, {charge.Limits.RepeatedCalls} times"))
            : null;
    }

    private static RunState Advance(RunState run, in Charge charge, bool own)
    {
        if (charge.Risk >= 0.1 && charge.Risk > run.PendingRisk)
        {
            run = run with { PendingRisk = charge.Risk };
        }

        if (charge.Step)
        {
            run = run with { Steps = run.Steps + 1, Risk = run.Risk + run.PendingRisk, PendingRisk = 0 };
        }

        if (own && charge.Closing)
        {
            run = run with { Closed = true };
        }

        return own && charge.Call != 0 ? run with { Trail = CallTrail.Add(run.Trail, charge.Call, charge.Result) } : run;
    }

    private static Finding? SpendAll(ref SessionState state, ReadOnlySpan<Spend> spends, DateTimeOffset now, bool enforce)
    {
        var meters = state.Meters;
        WindowMeter[]? copy = null;
        foreach (var spend in spends)
        {
            if (enforce && Refuses(state, spend, now))
            {
                return spend.Budget.Refusal();
            }

            if (spend.Amount == 0)
            {
                continue;
            }

            copy ??= [.. meters];
            var index = Array.FindIndex(copy, meter => string.Equals(meter.Key, spend.Budget.Key, StringComparison.Ordinal));
            if (index < 0)
            {
                index = copy.Length;
                Array.Resize(ref copy, index + 1);
                copy[index] = new(spend.Budget.Key, spend.Budget.Window.Ticks, 0, 0, []);
            }

            copy[index] = copy[index].Add(now, spend.Amount);
        }

        if (copy is not null)
        {
            state = state with { Meters = ImmutableCollectionsMarshal.AsImmutableArray(copy) };
        }

        return null;
    }

    /// <summary>A post-paid budget refuses when it is asked whether anything is left, not when it is charged.</summary>
    private static bool Refuses(SessionState state, Spend spend, DateTimeOffset now) => spend.Budget.IsPostPaid
        ? spend.Amount == 0 && state.Used(spend.Budget, now) >= spend.Budget.Max
        : state.Used(spend.Budget, now) > spend.Budget.Max - spend.Amount;

}
