namespace Aegis;

/// <summary>A meter, a maximum, a window.</summary>
/// <param name="Rule">Rule id of the finding when it is spent.</param>
/// <param name="Setting">The member of the policy that sets it.</param>
/// <param name="Key">Name of its meter in the session; budgets of one key share it.</param>
/// <param name="Meter">What it counts.</param>
/// <param name="Max">At most.</param>
/// <param name="Window">In any window of this length.</param>
internal sealed record Budget(string Rule, string Setting, string Key, BudgetMeter Meter, long Max, TimeSpan Window)
{
    public MeterKey Account { get; } = new(Key, Window.Ticks);

    /// <summary>Tokens and cost are known only after they were spent, so they are charged even beyond the maximum and refuse what comes next.</summary>
    public bool IsPostPaid => Meter is BudgetMeter.Tokens or BudgetMeter.CostMicros;

    public Finding Refusal() => Finding.Block(Rule, FormattableString.Invariant($"{Setting}: at most {Max} per {Window:c}")) with { Ends = IsPostPaid ? RunEnd.Now : RunEnd.No };
}
