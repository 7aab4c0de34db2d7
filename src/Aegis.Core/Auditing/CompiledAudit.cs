using Aegis.Policies;

namespace Aegis.Auditing;

/// <summary>What a policy says of the audit log, with its keys.</summary>
/// <param name="Policy">What it says.</param>
/// <param name="Keys">The keys.</param>
internal sealed record CompiledAudit(AuditPolicy Policy, AuditKeys Keys)
{
    /// <summary>What seals, or hashes, the content of records; null: none is kept.</summary>
    public ContentKey? Content { get; init; }

    /// <summary>Hash over all of the policy that decides, where content is kept.</summary>
    public string Deciding { get; init; } = "";

    /// <summary>Whether another one writes the same places in the same way; what is recorded may differ.</summary>
    public bool WritesLike(CompiledAudit other) => Places(Policy) == Places(other.Policy);

    /// <summary>Whether what another one has written goes on in this one.</summary>
    public bool GoesOn(CompiledAudit other) => string.Equals(Policy.Path, other.Policy.Path, StringComparison.Ordinal) && Policy.Transports.SequenceEqual(other.Policy.Transports, StringComparer.Ordinal);

    private static AuditPolicy Places(AuditPolicy policy) => policy with { Level = default, RedactContent = false, Content = default, ContentKey = null, Required = false, Timeout = default };
}
