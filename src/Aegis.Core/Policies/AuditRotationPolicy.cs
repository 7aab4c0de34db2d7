namespace Aegis.Policies;

/// <summary>When the audit log begins a new file. The chain goes on in it.</summary>
public sealed record AuditRotationPolicy
{
    /// <summary>Bytes from which a file is finished, 4 KB to 1 TB. A file can exceed it by one batch of records.</summary>
    /// <value>50 MB, of 1,024 × 1,024 bytes.</value>
    public long Size { get; init; } = 50L << 20;

    /// <summary>Finished files that are kept; the oldest ones beyond are deleted. 1 to 100,000.</summary>
    /// <value>30.</value>
    public int Keep { get; init; } = 30;

    /// <summary>Age at which a file is finished, even a small one, when the next record comes.</summary>
    /// <value><see langword="null"/>: size alone counts.</value>
    public TimeSpan? Every { get; init; }
}
