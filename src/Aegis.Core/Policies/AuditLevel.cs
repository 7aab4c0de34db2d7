namespace Aegis.Policies;

/// <summary>Which events are recorded. Each value records what those before it do, and more.</summary>
public enum AuditLevel
{
    /// <summary>What was blocked, asked about, redacted or flagged, locks, and policies that were refused.</summary>
    ViolationsOnly,

    /// <summary>Also what agents and hosts do: calls, questions to judges and sandboxes, releases from quarantine, approvals of tools, policies that were taken up.</summary>
    Actions,

    /// <summary>Also texts and steps that passed.</summary>
    All,
}
