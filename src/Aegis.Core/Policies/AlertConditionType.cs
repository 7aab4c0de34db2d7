namespace Aegis.Policies;

/// <summary>What an alert rule counts.</summary>
public enum AlertConditionType
{
    /// <summary>Events of one type.</summary>
    RateSpike,

    /// <summary>Runs that were ended and sessions that were locked: <c>kill_switch</c> and <c>session_quarantine</c>.</summary>
    SessionKills,

    /// <summary>What models have cost, in the currency of the prices: answers, judges, the sandbox, second looks.</summary>
    CostAnomaly,

    /// <summary>The share of scanned texts that were blocked.</summary>
    ScanBlockRate,

    /// <summary>What one session or user has typed and what was blocked as an attack: what <see cref="RecoveryPolicy"/> counts too.</summary>
    RepeatedAttacker,
}
