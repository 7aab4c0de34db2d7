namespace Aegis.Alerting;

/// <summary>What a rule remembers for one session, user or tenant, or for all together. Guarded by the rule's counter.</summary>
/// <param name="key">Whose it is; default: that of all.</param>
/// <param name="window">What was counted.</param>
internal sealed class AlertAccount(SessionId key, AlertWindow window)
{
    public SessionId Key => key;

    public AlertWindow Window { get; set; } = window;

    /// <summary>When it fired last, as a timestamp; null: never.</summary>
    public long? Fired { get; set; }

    /// <summary>Whether it fired then by what was counted here alone.</summary>
    public bool IsAlone { get; set; }

    /// <summary>Id of the alert that is not over; null: none is.</summary>
    public string? Alert { get; set; }

    /// <summary>Whether other instances know that alert: then one of all says when it is over.</summary>
    public bool IsShared { get; set; }

    /// <summary>Whether this instance has told it; else it has only heard of it.</summary>
    public bool IsTold { get; set; }

    /// <summary>Whether somebody looks from time to time whether it is over.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Slots of the window that the counter has counted.</summary>
    public int Slots { get; set; }

    /// <summary>Whether it was forgotten.</summary>
    public bool IsGone { get; set; }
}
