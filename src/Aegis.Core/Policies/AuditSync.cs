namespace Aegis.Policies;

/// <summary>When the audit log's file is forced onto the disk. What was written survives the end of the process in any case; this is about the machine.</summary>
public enum AuditSync
{
    /// <summary>When the system likes to.</summary>
    Never,

    /// <summary>With every checkpoint, and when a file is finished.</summary>
    Checkpoint,

    /// <summary>After every write, before a record counts as written. Records that come together share one.</summary>
    Always,
}
