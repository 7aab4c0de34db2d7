namespace Aegis;

/// <summary>The budgets of one level: of an account, with windows; or of a run, which count as long as it lasts.</summary>
internal sealed record LevelBudget(Budget? ToolCalls, Budget? Tokens, Budget? Cost, Budget? Duration, Budget? Egress)
{
    /// <summary>Those that there are.</summary>
    public IEnumerable<Budget> All => new[] { ToolCalls, Tokens, Cost, Duration, Egress }.OfType<Budget>();

    /// <summary>What work spends on an account, each with how it is checked. Time is filled in when it is charged.</summary>
    public IEnumerable<Spend> SpendsOf(Amounts amounts)
    {
        var kind = amounts.Kind;
        if (ToolCalls is not null && amounts.ToolCalls != 0)
        {
            yield return new(ToolCalls, amounts.ToolCalls);
        }

        if (Egress is not null && amounts.EgressBytes != 0)
        {
            yield return new(Egress, amounts.EgressBytes);
        }

        if (Tokens is not null && (amounts.Tokens != 0 || amounts.Asks))
        {
            yield return new(Tokens, amounts.Tokens) { InAdvance = amounts.IsBounded, MayCross = amounts is { Asks: true, IsBounded: false } };
        }

        if (Cost is not null && (amounts.CostMicros != 0 || amounts.Asks))
        {
            yield return new(Cost, amounts.CostMicros) { InAdvance = amounts.IsBounded, MayCross = amounts is { Asks: true, IsBounded: false } };
        }

        if (Duration is not null && kind != WorkKind.Help)
        {
            yield return new(Duration, 0) { MayCross = amounts.Begins, IsUnchecked = !amounts.Begins };
        }
    }

    /// <summary>Why a run may not spend this, or null.</summary>
    public Finding? Refuses(RunSpent spent, Amounts amounts, DateTimeOffset now) =>
        Refuses(ToolCalls, spent.ToolCalls, amounts.ToolCalls)
        ?? Refuses(Egress, spent.EgressBytes, amounts.EgressBytes)
        ?? (amounts.Asks ? Refuses(Tokens, spent.Tokens, amounts.Tokens, amounts.IsBounded) ?? Refuses(Cost, spent.CostMicros, amounts.CostMicros, amounts.IsBounded) : null)
        ?? (amounts.Begins && Duration is not null && now.UtcTicks - spent.StartedTicks >= Duration.Max ? Duration.Refusal() : null);

    private static Finding? Refuses(Budget? budget, long used, long amount, bool fits = true) =>
        budget is null || (fits ? amount == 0 || used <= budget.Max - amount : used < budget.Max) ? null : budget.Refusal();
}
