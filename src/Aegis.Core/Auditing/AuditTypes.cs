namespace Aegis.Auditing;

/// <summary>Kinds of records that the audit log writes about itself.</summary>
public static class AuditTypes
{
    /// <summary>A file begins: says behind which record of which file.</summary>
    public const string File = "audit_file";

    /// <summary>How many records there are, and the code of the last one.</summary>
    public const string Checkpoint = "audit_checkpoint";

    /// <summary>Records are missing here: they could not be written, or not in time.</summary>
    public const string Gap = "audit_gap";

    /// <summary>Records went to the second file instead.</summary>
    public const string Spill = "audit_spill";

    /// <summary>The file that was found did not end as it should: the half record of a crash was set aside, or the whole file.</summary>
    public const string Recovery = "audit_recovery";
}
