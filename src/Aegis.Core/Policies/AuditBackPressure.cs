namespace Aegis.Policies;

/// <summary>What happens when the audit log cannot keep up, or cannot write.</summary>
public enum AuditBackPressure
{
    /// <summary>Where the log is required, inspections wait for <see cref="AuditPolicy.Timeout"/>, and then block. Else nothing waits: new records are lost, and a gap is recorded with their number.</summary>
    Block,

    /// <summary>The oldest records that wait are lost, and a gap is recorded with their number. An inspection whose record is lost blocks if the log is required.</summary>
    DropOldest,

    /// <summary>Records go to <see cref="AuditPolicy.SpillTo"/>, and their number is recorded.</summary>
    Spill,
}
