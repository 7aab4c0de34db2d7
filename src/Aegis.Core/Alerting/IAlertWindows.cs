namespace Aegis.Alerting;

/// <summary>Windows that all instances of a service share. What it throws is nobody's concern: then the own windows decide. Answers may come late: they count then all the same.</summary>
internal interface IAlertWindows
{
    /// <summary>How long to wait for answers before the own windows decide.</summary>
    TimeSpan Patience { get; }

    /// <summary>Counts, and claims the right to tell when there is too much: one instance gets it, once in a cooldown.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="key">For whom; default: for all together.</param>
    /// <param name="amount">How much.</param>
    /// <param name="rest">What it is a share of, beside it.</param>
    /// <param name="alert">Id of the alert, if one begins.</param>
    ValueTask<SharedCount> CountAsync(AlertRule rule, SessionId key, long amount, long rest, string alert);

    /// <summary>Looks whether there still is too much; when there is not, one instance gets the right to say that it is over.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="key">For whom.</param>
    /// <param name="alert">The alert.</param>
    ValueTask<SharedCount> LookAsync(AlertRule rule, SessionId key, string alert);
}
