namespace Aegis.Alerting;

/// <summary>Windows that all instances of a service share. What it throws is nobody's concern: then the own windows decide.</summary>
internal interface IAlertWindows
{
    /// <summary>Counts, and claims the right to tell when there is too much: one instance gets it, once in a cooldown.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="key">For whom; default: for all together.</param>
    /// <param name="amount">How much.</param>
    /// <param name="rest">What it is a share of, beside it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    ValueTask<SharedCount> CountAsync(AlertRule rule, SessionId key, long amount, long rest, CancellationToken cancellationToken);

    /// <summary>Looks whether there still is too much; when there is not, one instance gets the right to say that it is over.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="key">For whom.</param>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    ValueTask<SharedCount> LookAsync(AlertRule rule, SessionId key, string alert, CancellationToken cancellationToken);
}
