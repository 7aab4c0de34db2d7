namespace Aegis;

/// <summary>When attacks lock. A law over a state, without a clock and without words.</summary>
/// <param name="Kind">The lock.</param>
/// <param name="After">How many attacks lock.</param>
/// <param name="Window">How long one counts.</param>
/// <param name="Holds">How long the lock holds; null: until released.</param>
/// <param name="IsOfPrincipal">Whether they are counted over all sessions of a user, who is then locked in all.</param>
/// <param name="Detail">The same in words of the policy.</param>
internal sealed record LockRule(SessionLockKind Kind, int After, TimeSpan Window, TimeSpan? Holds, bool IsOfPrincipal, string Detail)
{
    /// <summary>Where attacks in a session are counted; null: nobody answers for them, so nobody is locked.</summary>
    public SessionId? AccountOf(SessionId session) => !session.MayBeLocked ? null : IsOfPrincipal && session.PrincipalAccount is { } account ? account : session;

    /// <summary>Counts an attack. Each text counts once; the one that is too many locks, and begins the count anew. Of many at once exactly one does.</summary>
    /// <param name="state">The account.</param>
    /// <param name="text">The text, see <see cref="Strike.TextOf"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="enforce">Whether it locks; else it only says that it would.</param>
    /// <returns>The account then, and the lock that came of it; null: none.</returns>
    public (SessionState State, SessionLock? Lock) Count(SessionState state, ulong text, DateTimeOffset now, bool enforce)
    {
        var strikes = state.Strikes.RemoveAll(strike => strike.UntilTicks <= now.UtcTicks);
        if (state.IsLocked(now) || strikes.Any(strike => strike.Text == text))
        {
            return (state, null);
        }

        if (strikes.Length + 1 < After)
        {
            return (state with { Strikes = strikes.Add(new(text, (now + Window).UtcTicks)) }, null);
        }

        var held = new SessionLock(Kind, now + Holds);
        state = state with { Strikes = [] };
        return (!enforce ? state : Kind == SessionLockKind.Terminated ? state with { Lock = held, Runs = [], Pending = [] } : state with { Lock = held }, held);
    }
}
