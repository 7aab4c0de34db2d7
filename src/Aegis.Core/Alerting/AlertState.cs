namespace Aegis.Alerting;

/// <summary>Whether it begins or is over.</summary>
public enum AlertState
{
    /// <summary>There is more than the threshold.</summary>
    Fired,

    /// <summary>There no longer is; or the rule is gone, or what it counted for this key had to be forgotten.</summary>
    Resolved,
}
