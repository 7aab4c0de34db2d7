namespace Aegis;

/// <summary>Why a session is locked.</summary>
public enum SessionLockKind
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Set aside until somebody has looked at it.</summary>
    Quarantined,

    /// <summary>Locked out.</summary>
    Banned,

    /// <summary>Ended for good, with its runs and its open questions.</summary>
    Terminated,
}
