namespace Aegis.Policies;

/// <summary>What all runs together that share an account (a tenant's, a user's, a session's) may spend in one sliding window.</summary>
public sealed record AccountBudgetPolicy
{
    /// <summary>The window, one second to 366 days.</summary>
    /// <value>1 hour.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Tool calls, at most; never exceeded.</summary>
    /// <value><see langword="null"/>: as many as one likes.</value>
    public long? MaxToolCalls { get; init; }

    /// <summary>Tokens, at most. What a model call may use is set aside before it is made; one whose length nobody limits (<see cref="ModelStep.Estimate"/>) may exceed them, alone.</summary>
    /// <value><see langword="null"/>: as many as one likes.</value>
    public long? MaxTokens { get; init; }

    /// <summary>Cost, at most, in the currency of <see cref="BudgetsPolicy.Prices"/>. Set aside as tokens are.</summary>
    /// <value><see langword="null"/>: as much as one likes.</value>
    public decimal? MaxCost { get; init; }

    /// <summary>Wall time of runs, added up, at most: when it is spent no model step and no call begins.</summary>
    /// <value><see langword="null"/>: as long as one likes.</value>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Bytes of the arguments (canonical JSON, UTF-8) of calls that send something or read from outside, at most; never exceeded.</summary>
    /// <value><see langword="null"/>: as many as one likes.</value>
    public long? MaxEgressBytes { get; init; }
}
