namespace Aegis;

/// <summary>What a run has spent of its own budgets, its sub-agents included.</summary>
/// <param name="IsSubAgent">Whether the budgets of a sub-agent hold for it.</param>
/// <param name="StartedTicks">When it began, in UTC ticks.</param>
internal sealed record RunSpent(bool IsSubAgent, long StartedTicks)
{
    public long ToolCalls { get; init; }

    public long EgressBytes { get; init; }

    public long Tokens { get; init; }

    public long CostMicros { get; init; }

    /// <summary>The same with more spent; what was set aside in vain comes back.</summary>
    public RunSpent And(Amounts amounts) => this with
    {
        ToolCalls = Sum(ToolCalls, amounts.ToolCalls),
        EgressBytes = Sum(EgressBytes, amounts.EgressBytes),
        Tokens = Sum(Tokens, amounts.Tokens),
        CostMicros = Sum(CostMicros, amounts.CostMicros),
    };

    private static long Sum(long a, long b) => b > long.MaxValue - a ? long.MaxValue : Math.Max(0, a + b);
}
