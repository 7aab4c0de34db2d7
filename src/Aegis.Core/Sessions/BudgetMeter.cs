namespace Aegis;

/// <summary>What a budget counts.</summary>
internal enum BudgetMeter
{
    ToolCalls,
    Operations,
    SandboxTriggers,
    Tokens,
    CostMicros,
    Runs,
    EgressBytes,

    /// <summary>In ticks.</summary>
    Duration,
}
