namespace Aegis.Policies;

/// <summary>Budgets of a session in one sliding window.</summary>
public sealed record DenialOfWalletPolicy
{
    /// <summary>The window.</summary>
    /// <value>5 minutes.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tool, sandbox and judge calls together, at most.</summary>
    /// <value>100.</value>
    public int MaxOperations { get; init; } = 100;

    /// <summary>Tool calls, at most.</summary>
    /// <value>50.</value>
    public int MaxToolCalls { get; init; } = 50;

    /// <summary>Tries of the sandbox, and runs of the provider's code sandbox, at most.</summary>
    /// <value>10.</value>
    public int MaxSandboxTriggers { get; init; } = 10;

    /// <summary>Tokens, at most. What a model call may use is set aside before it is made; one whose length nobody limits (<see cref="ModelStep.Estimate"/>) may exceed them, alone.</summary>
    /// <value><see langword="null"/>: not counted.</value>
    public long? MaxTokens { get; init; }

    /// <summary>Cost in the currency of <see cref="Prices"/>, at most. Set aside as tokens are.</summary>
    /// <value><see langword="null"/>: not counted.</value>
    public decimal? MaxCost { get; init; }

    /// <summary>Price of a million tokens, by glob over model names. A model that no glob names costs as much as the dearest.</summary>
    /// <value>Nothing.</value>
    public IReadOnlyDictionary<string, ModelPrice> Prices { get; init; } = new Dictionary<string, ModelPrice>();
}
