namespace Aegis;

/// <summary>What a piece of work spends beyond the windows of its own session.</summary>
/// <param name="Amounts">Of the run's own budgets, and of those of the runs above it in the session.</param>
/// <param name="Others">On other accounts.</param>
internal sealed record BudgetPlan(Amounts Amounts, AccountCharge[] Others)
{
    /// <summary>What was set aside and is settled by it.</summary>
    public IReadOnlyList<Reservation> Settles { get; init; } = [];

    /// <summary>What is set aside by it; null: nothing.</summary>
    public Reservation? Sets { get; init; }
}
