using Aegis.Policies;

namespace Aegis.Guarding;

/// <summary>
/// Which accounts a piece of work counts on: the session's, user's and tenant's of the run that does it; and the run's and accounts' of every run above whose
/// account is elsewhere. It counts once on each: where two runs share an account, the smaller of their budgets holds.
/// </summary>
internal static class BudgetPlanner
{
    /// <summary>The charge with all that the subject spends; the same where nothing counts it.</summary>
    public static Charge Add(GuardPipeline pipeline, in Charge charge, Subject subject, AegisRun run, bool hasSteps)
    {
        var settles = subject is ModelOutput output ? SettledBy(output) : null;
        if ((pipeline.Policy.Budgets is null && run.ForeignParent is null && settles is null && subject is not (ModelStep { Estimate: not null } or ModelOutput { IsEstimated: true }))
            || Work.Of(subject, hasSteps) is not { } work)
        {
            return charge;
        }

        var spends = subject is ModelStep { Estimate: not null } && pipeline.Policy.SpendsOf(work.Usage) is { } advance ? InAdvance(advance, work.IsBounded) : charge.Spends;
        return Add(pipeline, charge with { Spends = spends }, work, settles ?? [], run, sets: subject is ModelStep { Estimate: not null } or ModelOutput { IsEstimated: true });
    }

    /// <summary>The charge of a judge, the sandbox or a second look, with all that it may use.</summary>
    public static Charge Add(GuardPipeline pipeline, in Charge charge, TokenUsage estimate, AegisRun run) =>
        pipeline.Policy.Budgets is null && run.ForeignParent is null ? charge : Add(pipeline, charge, new(WorkKind.Help, Work.Sane(estimate)) { IsBounded = true }, [], run, sets: true);

    /// <summary>What a judge, the sandbox or a second look has used, in place of what was set aside for it.</summary>
    public static Charge Settled(GuardPipeline pipeline, in Charge made, Reservation reservation, TokenUsage usage, AegisRun run, DateTimeOffset now) =>
        Add(pipeline, new() { Now = now, Run = made.Run, Limits = made.Limits, Spends = pipeline.Policy.SpendsOf(usage), NeverRefuse = true }, new(WorkKind.Answer, Work.Sane(usage)), reservation.IsTaken ? [] : [reservation], run, sets: false);

    // Apart, because its closure would be paid for by every inspection.
    private static Spend[] InAdvance(Spend[] spends, bool isBounded) => Array.ConvertAll(spends, spend => spend with { InAdvance = isBounded, MayCross = !isBounded });

    private static List<Reservation>? SettledBy(ModelOutput output)
    {
        if (output is { Settles.Count: 0, Step: null })
        {
            return null;
        }

        List<Reservation> settles = [.. output.Settles];
        if (output.Step?.Reserved is { } reserved && !settles.Contains(reserved))
        {
            settles.Add(reserved);
        }

        settles.RemoveAll(static reservation => reservation.IsTaken);
        return settles.Count == 0 ? null : settles;
    }

    private static Charge Add(GuardPipeline pipeline, in Charge charge, Work work, List<Reservation> settles, AegisRun run, bool sets)
    {
        var (policy, store) = (pipeline.Policy, pipeline.Services.Store);
        var own = new AccountCharge(store, AccountOf(run)) { Spends = charge.Spends ?? [], Amounts = policy.Budgets is { } counted ? pipeline.AmountsOf(counted, work) : new(work.Kind) { IsBounded = work.IsBounded } };
        var others = new List<AccountCharge>();
        Count(policy.Budgets, run, own.Amounts, store, policy.IsMonitor);
        for (var above = run.ForeignParent; above is not null; above = above.ForeignParent)
        {
            var (theirs, theirStore) = (above.Guard.Pipeline.Policy, above.Guard.Services.Store);
            if (theirs is { IsOff: false, Budgets: { } budgets })
            {
                var amounts = budgets.AmountsOf(work, theirs.Tools);
                Count(budgets, above, amounts, theirStore, theirs.IsMonitor);
                if (theirs.Run is not { Whole: null, SubAgent: null })
                {
                    others.Add(new(theirStore, above.Session) { Run = above.Id, Amounts = amounts, Limits = theirs.Run, NeverRefuse = theirs.IsMonitor });
                }
            }
        }

        var reservation = sets ? new Reservation(own, [.. others], charge.Now) : null;
        foreach (var settled in settles)
        {
            own = own.IsOn(settled.Own.Store, settled.Own.Account) ? own with { Spends = [.. settled.GivenBack(settled.Own), .. own.Spends], Amounts = own.Amounts.Without(settled.Own.Amounts) } : own;
            foreach (var other in settled.Others)
            {
                GiveBack(settled, other);
            }
        }

        var plan = new BudgetPlan(own.Amounts, [.. others]) { Settles = settles, Sets = reservation };
        var isIdle = others.Count == 0 && settles.Count == 0 && reservation is null && !own.Spends.Any(static spend => spend.Budget.Meter == BudgetMeter.Duration)
            && (policy.Run is { Whole: null, SubAgent: null } || own.Amounts is { Kind: WorkKind.Answer, Tokens: 0, CostMicros: 0 });
        return charge with { Spends = own.Spends.Length == 0 ? null : own.Spends, Plan = isIdle ? null : plan };

        void Count(CompiledBudgets? budgets, AegisRun at, Amounts amounts, ISessionStore where, bool neverRefuse)
        {
            Spend(AccountOf(at), budgets?.Session);
            Spend(at.Session.PrincipalAccount, budgets?.Principal);
            Spend(at.Session.TenantAccount, budgets?.Tenant);

            void Spend(SessionId? account, LevelBudget? level)
            {
                if (account is not { } known || level is null)
                {
                    return;
                }

                if (own.IsOn(where, known))
                {
                    own = own with { Spends = Merged(own.Spends, level.SpendsOf(amounts)) };
                    return;
                }

                var i = others.FindIndex(other => other.Limits is null && other.IsOn(where, known));
                if (i < 0)
                {
                    var spends = Merged([], level.SpendsOf(amounts));
                    if (spends.Length > 0)
                    {
                        others.Add(new(where, known) { Spends = spends, NeverRefuse = neverRefuse });
                    }
                }
                else
                {
                    others[i] = others[i] with { Spends = Merged(others[i].Spends, level.SpendsOf(amounts)), NeverRefuse = others[i].NeverRefuse && neverRefuse };
                }
            }
        }

        void GiveBack(Reservation settled, AccountCharge made)
        {
            var i = others.FindIndex(other => other.IsOn(made.Store, made.Account) && other.Limits is null == made.Limits is null && other.Run == made.Run);
            var before = i < 0 ? made with { Spends = [], Amounts = new(WorkKind.Answer) } : others[i];
            var after = before with { Spends = [.. settled.GivenBack(made), .. before.Spends], Amounts = before.Amounts.Without(made.Amounts) };
            if (i < 0)
            {
                others.Add(after);
            }
            else
            {
                others[i] = after;
            }
        }
    }

    /// <summary>Where the windows of a run count.</summary>
    private static SessionId AccountOf(AegisRun run) => run.IsAnonymous ? run.Guard.InstanceSession : run.Session;

    /// <summary>Of two budgets on one meter the smaller holds, and the amount counts once.</summary>
    private static Spend[] Merged(Spend[] known, IEnumerable<Spend> more)
    {
        var merged = known.ToList();
        foreach (var spend in more)
        {
            var i = merged.FindIndex(other => string.Equals(other.Budget.Key, spend.Budget.Key, StringComparison.Ordinal));
            if (i < 0)
            {
                merged.Add(spend);
            }
            else
            {
                merged[i] = merged[i] with { Budget = spend.Budget.Max < merged[i].Budget.Max ? spend.Budget : merged[i].Budget, Amount = Math.Max(merged[i].Amount, spend.Amount) };
            }
        }

        return [.. merged];
    }
}
