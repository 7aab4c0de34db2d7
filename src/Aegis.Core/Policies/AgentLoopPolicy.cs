namespace Aegis.Policies;

/// <summary>Budgets of a run: one turn of the host's user with all its model steps, tool calls and sub-agents. A sub-agent spends its own and its parent's.</summary>
public sealed record AgentLoopPolicy
{
    /// <summary>Model responses with at least one call, at most.</summary>
    /// <value>25.</value>
    public int MaxSteps { get; init; } = 25;

    /// <summary>Sum over the steps of the largest risk that stayed below the block line (under 0.1 counts as 0), at most.</summary>
    /// <value>3.0.</value>
    public double RiskBudget { get; init; } = 3.0;

    /// <summary>From a step on (counted from 1), the share of the tools that stays, most dangerous out first. The largest step reached counts.</summary>
    /// <value>10: 0.75, 15: 0.5, 20: 0.25.</value>
    public IReadOnlyDictionary<int, double> PrivilegeDecay { get; init; } = new Dictionary<int, double> { [10] = 0.75, [15] = 0.5, [20] = 0.25 };

    /// <summary>Times that the same call may return the same result in a run; the next one is denied. Covers cycles over several calls.</summary>
    /// <value>3.</value>
    public int RepeatedCalls { get; init; } = 3;

    /// <summary>Runs that messages alone can start in a session.</summary>
    /// <value>100 an hour.</value>
    public RateLimit MaxRunsPerWindow { get; init; } = new(100, TimeSpan.FromHours(1));

    /// <summary>Time a run may take, tools and people included.</summary>
    /// <value>10 minutes.</value>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Sub-agents inside each other, at most.</summary>
    /// <value>4.</value>
    public int MaxDepth { get; init; } = 4;

    /// <summary>Times that one request asks the model again because its calls were denied.</summary>
    /// <value>3.</value>
    public int MaxRecoveries { get; init; } = 3;
}
