namespace Aegis.Policies;

/// <summary>
/// Budgets inside each other: what an agent spends counts once on its own, on those of every run above it, and on those of the session, user and tenant that
/// each of these belongs to. What one of them refuses is charged on none. Who is the user and which is the tenant, <see cref="AegisScope"/> says.
/// </summary>
public sealed record BudgetsPolicy
{
    /// <summary>All users of a tenant together.</summary>
    /// <value><see langword="null"/>: no budget. Where nobody says which tenant it is, there is none either.</value>
    public AccountBudgetPolicy? Tenant { get; init; }

    /// <summary>All sessions of a user (in a tenant) together.</summary>
    /// <value><see langword="null"/>: no budget. Where nobody says who the user is, there is none either.</value>
    public AccountBudgetPolicy? Principal { get; init; }

    /// <summary>All runs of a session together. Runs that nobody names share the guard's.</summary>
    /// <value><see langword="null"/>: no budget.</value>
    public AccountBudgetPolicy? Session { get; init; }

    /// <summary>One run: a turn of the user with all its model steps, calls and sub-agents.</summary>
    /// <value><see langword="null"/>: no budget.</value>
    public RunBudgetPolicy? Run { get; init; }

    /// <summary>One sub-agent, with those inside it.</summary>
    /// <value><see langword="null"/>: only what the runs above it have left.</value>
    public RunBudgetPolicy? SubAgent { get; init; }

    /// <summary>Price of a million tokens, by glob over model names, for these budgets. A model that no glob names costs as much as the dearest.</summary>
    /// <value>Nothing: those of <see cref="DenialOfWalletPolicy.Prices"/>.</value>
    public IReadOnlyDictionary<string, ModelPrice> Prices { get; init; } = new Dictionary<string, ModelPrice>();
}
