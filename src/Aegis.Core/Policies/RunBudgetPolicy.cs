namespace Aegis.Policies;

/// <summary>What one run, or one sub-agent, may spend while it lasts; its sub-agents included.</summary>
public sealed record RunBudgetPolicy
{
    /// <summary>Tool calls, at most; never exceeded.</summary>
    /// <value><see langword="null"/>: as many as one likes.</value>
    public long? MaxToolCalls { get; init; }

    /// <summary>Tokens, at most. Set aside before a model call is made: see <see cref="AccountBudgetPolicy.MaxTokens"/>.</summary>
    /// <value><see langword="null"/>: as many as one likes.</value>
    public long? MaxTokens { get; init; }

    /// <summary>Cost, at most, in the currency of <see cref="BudgetsPolicy.Prices"/>. Set aside as tokens are.</summary>
    /// <value><see langword="null"/>: as much as one likes.</value>
    public decimal? MaxCost { get; init; }

    /// <summary>Time after which it begins no model step and no call, but for a last word. <see cref="AgentLoopPolicy.MaxDuration"/> ends it whatever it is at.</summary>
    /// <value><see langword="null"/>: as long as it likes.</value>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Bytes of the arguments (canonical JSON, UTF-8) of calls that send something or read from outside, at most; never exceeded.</summary>
    /// <value><see langword="null"/>: as many as one likes.</value>
    public long? MaxEgressBytes { get; init; }
}
