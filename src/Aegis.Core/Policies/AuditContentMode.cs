namespace Aegis.Policies;

/// <summary>What records keep of an inspection, so that <c>aegis audit replay</c> can judge it again.</summary>
public enum AuditContentMode
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>No texts, and keyed hashes in their place: what was decided of tools and budgets can be replayed.</summary>
    Hashed,

    /// <summary>Everything, sealed with AES-256-GCM: the whole verdict can be replayed.</summary>
    Encrypted,
}
