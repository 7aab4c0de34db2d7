namespace Aegis.Policies;

/// <summary>How conversations are signed.</summary>
public enum IntegrityAlgorithm
{
    /// <summary>HMAC-SHA-256 over a chain of SHA-256.</summary>
    Sha256,
}
