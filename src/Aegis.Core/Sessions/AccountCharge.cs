namespace Aegis;

/// <summary>What a piece of work spends on an account other than its own session: a user's, a tenant's, or that of a run above it that counts elsewhere.</summary>
/// <param name="Store">Where the account is kept.</param>
/// <param name="Account">The account.</param>
internal sealed record AccountCharge(ISessionStore Store, SessionId Account)
{
    /// <summary>On its windows.</summary>
    public Spend[] Spends { get; init; } = [];

    /// <summary>The run in it that does the work, and those above that; none: only windows count.</summary>
    public RunId Run { get; init; }

    /// <summary>What that run spends.</summary>
    public Amounts Amounts { get; init; }

    /// <summary>The budgets of that run.</summary>
    public RunLimits? Limits { get; init; }

    /// <summary>Whether spent budgets only are recorded.</summary>
    public bool NeverRefuse { get; init; }

    /// <summary>Whether this is the same account.</summary>
    public bool IsOn(ISessionStore store, SessionId account) => ReferenceEquals(Store, store) && Account == account;
}
