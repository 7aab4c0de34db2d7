namespace Aegis;

/// <summary>A meter, a maximum, a window.</summary>
/// <param name="Rule">Rule id of the finding when it is spent.</param>
/// <param name="Setting">The member of the policy that sets it.</param>
/// <param name="Key">Name of its meter in the session; budgets of one key share it.</param>
/// <param name="Meter">What it counts.</param>
/// <param name="Max">At most.</param>
/// <param name="Window">In any window of this length; zero: as long as a run lasts.</param>
internal sealed record Budget(string Rule, string Setting, string Key, BudgetMeter Meter, long Max, TimeSpan Window)
{
    public MeterKey Account { get; } = new(Key, Window.Ticks);

    /// <summary>Tokens and cost are known only after they were spent, so they are charged even beyond the maximum and refuse what comes next.</summary>
    public bool IsPostPaid => Meter is BudgetMeter.Tokens or BudgetMeter.CostMicros;

    /// <summary>What it means for a run that it is spent.</summary>
    public RunEnd Ends { get; init; } = Meter is BudgetMeter.Tokens or BudgetMeter.CostMicros ? RunEnd.Now : RunEnd.No;

    public Finding Refusal() => Finding.Block(Rule, FormattableString.Invariant($"{Setting}: at most {Most}{(Window > TimeSpan.Zero ? $" per {Window:c}" : "")}")) with { Ends = Ends };

    private string Most => Meter switch
    {
        BudgetMeter.Duration => FormattableString.Invariant($"{new TimeSpan(Max):c}"),
        BudgetMeter.CostMicros => FormattableString.Invariant($"{Max / 1_000_000m}"),
        _ => FormattableString.Invariant($"{Max}"),
    };
}
