using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Aegis;

/// <summary>The one place where a session changes by an inspection. Pure, so that a store may run it twice.</summary>
internal static class Ledger
{
    /// <summary>The rule by which a run asks no judge any more.</summary>
    public const string JudgeCalls = "judge/calls";

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
        var meters = state.Meters;
        var refusal = SpendAll(ref meters, charge.Spends, charge.Now, !charge.NeverRefuse);
        return (refusal is null ? state with { Meters = meters } : state, refusal);
    }

    /// <inheritdoc cref="SpendOnly(SessionState, in Charge)"/>
    public static (SessionState State, (int Index, Finding Finding)? Refused) SpendOnly(SessionState state, ReadOnlySpan<Charge> charges)
    {
        var meters = state.Meters;
        for (var i = 0; i < charges.Length; i++)
        {
            if (SpendAll(ref meters, charges[i].Spends, charges[i].Now, !charges[i].NeverRefuse) is { } refusal)
            {
                return (state, (i, refusal));
            }
        }

        return (state with { Meters = meters }, null);
    }

    /// <summary>The state with the charge applied and null, or with a finding that only flags; or why it was refused, and the state with nothing of it but a text that a user has tried.</summary>
    public static (SessionState State, Finding? Refusal) Apply(SessionState state, in Charge charge)
    {
        var enforce = !charge.NeverRefuse;
        if (enforce && state.IsLocked(charge.Now))
        {
            return (state, Locked(state));
        }

        if (enforce && charge.DependsOnLabels && (state.Labels & ~charge.Seen) != 0)
        {
            return (state, Finding.Block("flow/changed", "the session has read something since this call was judged: try again"));
        }

        var (risks, shown) = (state.Risks, default(Finding));
        if (charge.Trajectory is { } trajectory)
        {
            (risks, shown) = trajectory.Add(risks, charge.Typed, charge.Now);
            if (charge.IsTry || (enforce && shown?.Decision == Decision.Block))
            {
                return (risks == state.Risks ? state : state with { Risks = risks }, shown);   // a try is remembered, and spends nothing
            }
        }

        var (meters, runs) = (state.Meters, state.Runs);
        if (IndexOf(runs, charge.Run.Id) < 0 && Open(ref meters, ref runs, charge) is { } unopened && enforce)
        {
            return (state, unopened);
        }

        if (charge.Spends is { Length: > 0 } && SpendAll(ref meters, charge.Spends, charge.Now, enforce) is { } spent)
        {
            return (state, spent);
        }

        // A parent that has ended is not there any more; its children have accounts of their own.
        for (var i = IndexOf(runs, charge.Run.Id); i >= 0; i = IndexOf(runs, runs[i].Parent))
        {
            var run = runs[i];
            if (enforce && Refusal(run, charge, own: run.Id == charge.Run.Id) is { } refusal)
            {
                return (state, refusal);
            }

            var advanced = Advance(run, charge, own: run.Id == charge.Run.Id);
            if (!ReferenceEquals(advanced, run))
            {
                runs = runs.SetItem(i, advanced);
            }
        }

        var labels = state.Labels | charge.Labels;
        return (meters == state.Meters && runs == state.Runs && labels == state.Labels && risks == state.Risks ? state : state with { Meters = meters, Runs = runs, Labels = labels, Risks = risks }, shown);
    }

    /// <summary>Corrects an advance, once it is known what was spent: what was set aside in vain is given back where it was taken, so that nothing else is.</summary>
    public static (SessionState State, bool Done) Settle(SessionState state, ReadOnlySpan<Spend> rest, DateTimeOffset taken, DateTimeOffset now)
    {
        var meters = state.Meters;
        foreach (var spend in rest)
        {
            SpendAll(ref meters, [spend.Amount > 0 ? spend : spend with { Taken = taken }], now, enforce: false);
        }

        return (state with { Meters = meters }, true);
    }

    /// <summary>What work spends on an account that is not its session's own: of several pieces all, or with the index of the one that was refused none.</summary>
    public static (SessionState State, (int Index, Finding Finding)? Refused) SpendElsewhere(SessionState state, ReadOnlySpan<AccountCharge?> charges, DateTimeOffset now)
    {
        var (meters, runs) = (state.Meters, state.Runs);
        for (var i = 0; i < charges.Length; i++)
        {
            if (charges[i] is not { } charge)
            {
                continue;
            }

            if (SpendAll(ref meters, charge.Spends, now, !charge.NeverRefuse) is { } spent)
            {
                return (state, (i, spent));
            }

            if (charge.Limits is { } limits && SpendOfRuns(ref runs, charge.Run, limits, charge.Amounts, now, !charge.NeverRefuse) is { } refusal)
            {
                return (state, (i, refusal));
            }
        }

        return (meters == state.Meters && runs == state.Runs ? state : state with { Meters = meters, Runs = runs }, null);
    }

    /// <summary>Undoes what <see cref="SpendElsewhere"/> has done.</summary>
    public static SessionState Undo(SessionState state, ReadOnlySpan<AccountCharge?> charges, DateTimeOffset taken, DateTimeOffset now)
    {
        var (meters, runs) = (state.Meters, state.Runs);
        foreach (var charge in charges)
        {
            if (charge is not null)
            {
                SpendAll(ref meters, Array.ConvertAll(charge.Spends, spend => spend.Undone(taken)), now, enforce: false);
                if (charge.Limits is { } limits)
                {
                    SpendOfRuns(ref runs, charge.Run, limits, charge.Amounts.Undone, now, enforce: false);
                }
            }
        }

        return state with { Meters = meters, Runs = runs };
    }

    /// <summary>What a run spends of its own budgets, and of those of the runs above it in the session.</summary>
    public static SessionState SpendOfRun(SessionState state, RunId run, RunLimits limits, Amounts amounts, DateTimeOffset now)
    {
        var runs = state.Runs;
        SpendOfRuns(ref runs, run, limits, amounts, now, enforce: false);
        return runs == state.Runs ? state : state with { Runs = runs };
    }

    private static Finding? SpendOfRuns(ref ImmutableArray<RunState> runs, RunId first, RunLimits limits, Amounts amounts, DateTimeOffset now, bool enforce)
    {
        if (limits is { Whole: null, SubAgent: null })
        {
            return null;
        }

        var changed = runs;
        for (var i = IndexOf(changed, first); i >= 0; i = IndexOf(changed, changed[i].Parent))
        {
            if (enforce && OverBudget(changed[i], limits, amounts, now) is { } refusal)
            {
                return refusal;
            }

            changed = changed.SetItem(i, changed[i] with { Spent = SpentOf(changed[i], now).And(amounts) });
        }

        runs = changed;
        return null;
    }

    /// <summary>Why a run's own budgets refuse something, or null.</summary>
    private static Finding? OverBudget(RunState run, RunLimits limits, Amounts amounts, DateTimeOffset now) =>
        SpentOf(run, now) is var spent && (spent.IsSubAgent ? limits.SubAgent : limits.Whole) is { } budget ? budget.Refuses(spent, amounts, now) : null;

    /// <summary>What a run has spent; one that was opened when there was no budget begins now.</summary>
    private static RunSpent SpentOf(RunState run, DateTimeOffset now) => run.Spent ?? new(!run.Parent.IsNone, now.UtcTicks);

    /// <summary>Why the charge would be refused now, without applying it; in monitor mode too, which records it and refuses nothing.</summary>
    public static Finding? Preview(SessionState state, in Charge charge)
    {
        if (state.IsLocked(charge.Now))
        {
            return Locked(state);
        }

        foreach (var spend in charge.Spends ?? [])
        {
            if (Refuses(spend, state.Used(spend.Budget, charge.Now)))
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

    /// <summary>Why nothing may happen in a session that is locked, or whose user is.</summary>
    public static Finding Locked(SessionState state, bool isOfPrincipal = false) => Finding.Block(
        state.Lock!.Kind switch { SessionLockKind.Banned => "session/banned", SessionLockKind.Terminated => "session/terminated", _ => "session/quarantined" },
        $"{(isOfPrincipal ? "all sessions of this user, " : "")}{(state.Lock.Until is { } until ? FormattableString.Invariant($"until {until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}") : "until released")}") with
    { Ends = RunEnd.Now };

    public static SessionState End(SessionState state, RunId run) =>
        state.Run(run) is { } ended ? state with { Runs = state.Runs.Remove(ended, ReferenceEqualityComparer.Instance) } : state;

    /// <summary>Adds the questions of a step, all or none; the oldest give way only when they have expired.</summary>
    public static (SessionState State, bool Added) Ask(SessionState state, ReadOnlySpan<PendingApproval> asked, DateTimeOffset now, int capacity)
    {
        var pending = state.Pending;
        foreach (var approval in asked)
        {
            pending = pending.RemoveAll(known => known.Expires <= now || known.IsNamed(approval.RequestId)).Add(approval);
        }

        return pending.Length > capacity ? (state, false) : (state with { Pending = pending }, true);
    }

    /// <summary>Takes a question out, so that it is answered once, too late or not.</summary>
    public static (SessionState State, PendingApproval? Taken) Answer(SessionState state, string requestId)
    {
        foreach (var approval in state.Pending)
        {
            if (approval.IsNamed(requestId))
            {
                return (state with { Pending = state.Pending.Remove(approval) }, approval);
            }
        }

        return (state, null);
    }

    private static Finding? Open(ref ImmutableArray<WindowMeter> meters, ref ImmutableArray<RunState> runs, in Charge charge)
    {
        var (ticket, limits, now) = (charge.Run, charge.Limits, charge.Now);
        Finding? refusal = null;
        if (ticket.Depth > limits.MaxDepth)
        {
            refusal = Finding.Block("budget/depth", FormattableString.Invariant($"agentLoop.maxDepth: at most {limits.MaxDepth} sub-agents inside each other")) with { Ends = RunEnd.Now };
        }

        if (ticket.StartedByMessages)
        {
            refusal ??= SpendAll(ref meters, [new(limits.Runs, 1)], now, enforce: !charge.NeverRefuse);
        }

        var open = runs.RemoveAll(run => run.Expires <= now);
        if (open.Length >= SessionState.MaxRuns)
        {
            refusal ??= Finding.Block("budget/concurrent-runs", FormattableString.Invariant($"at most {SessionState.MaxRuns}"));
            open = open.RemoveAt(0);   // monitor mode goes on, within the same bound
        }

        runs = open.Add(new(ticket.Id, ticket.Parent, (ticket.Started + limits.MaxDuration).UtcTicks)
        {
            Steps = ticket.Steps,
            Spent = limits is { Whole: null, SubAgent: null } ? null : new(ticket.Depth > 0, ticket.Started.UtcTicks),
        });
        return refusal;
    }

    private static int IndexOf(ImmutableArray<RunState> runs, RunId id)
    {
        for (var i = 0; i < runs.Length; i++)
        {
            if (runs[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    private static Finding? Refusal(RunState run, in Charge charge, bool own)
    {
        return Stopped(run, charge, own) ?? (charge.Plan is { } plan ? OverBudget(run, charge.Limits, plan.Amounts, charge.Now) : null);
    }

    private static Finding? Stopped(RunState run, in Charge charge, bool own)
    {
        if (charge.Asks == Helper.Judge && run.Judged >= charge.Limits.MaxJudged)
        {
            return Finding.Block(JudgeCalls, FormattableString.Invariant($"judge.maxCallsPerRun: at most {charge.Limits.MaxJudged}"));
        }

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
                ? Finding.Block("loop/repeated-call", FormattableString.Invariant($"agentLoop.repeatedCalls: the same call with the same result, {charge.Limits.RepeatedCalls} times"))
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

        if (charge.Asks == Helper.Judge)
        {
            run = run with { Judged = run.Judged + 1 };
        }

        if (own && charge.Closing)
        {
            run = run with { Closed = true };
        }

        if (charge is { Plan: { } plan, Limits: not { Whole: null, SubAgent: null } })
        {
            run = run with { Spent = SpentOf(run, charge.Now).And(plan.Amounts) };
        }

        return own && charge.Call != 0 ? run with { Trail = CallTrail.Add(run.Trail, charge.Call, charge.Result) } : run;
    }

    private static Finding? SpendAll(ref ImmutableArray<WindowMeter> meters, ReadOnlySpan<Spend> spends, DateTimeOffset now, bool enforce)
    {
        WindowMeter[]? changed = null;
        foreach (var spend in spends)
        {
            var current = changed ?? meters.AsSpan();
            var index = 0;
            while (index < current.Length && !string.Equals(current[index].Key, spend.Budget.Key, StringComparison.Ordinal))
            {
                index++;
            }

            var used = index < current.Length ? current[index].Used(now) : 0;
            if (enforce && Refuses(spend, used))
            {
                return spend.Budget.Refusal();
            }

            if (spend.Amount == 0 || (spend.Amount < 0 && index == current.Length))
            {
                continue;
            }

            changed ??= meters.AsSpan().ToArray();
            if (index == changed.Length)
            {
                Array.Resize(ref changed, index + 1);
                changed[index] = new(spend.Budget.Account, 0, 0, []);
            }

            changed[index] = spend.Amount > 0 ? changed[index].Add(now, spend.Amount) : changed[index].GiveBack(spend.Taken, now, -spend.Amount);
        }

        if (changed is not null)
        {
            meters = ImmutableCollectionsMarshal.AsImmutableArray(changed);
        }

        return null;
    }

    /// <summary>A post-paid budget refuses when it is asked whether anything is left, not when it is charged.</summary>
    private static bool Refuses(Spend spend, long used) => spend switch
    {
        { Amount: < 0 } or { IsUnchecked: true } => false,
        { MayCross: true } or { Budget.IsPostPaid: true, InAdvance: false, Amount: 0 } => used >= spend.Budget.Max,
        { Budget.IsPostPaid: true, InAdvance: false } => false,
        _ => used > spend.Budget.Max - spend.Amount,
    };
}
