namespace Aegis.Policies;

/// <summary>What happens to personal data.</summary>
public enum PiiHandling
{
    /// <summary>A placeholder that names its type stands in its place.</summary>
    Redact,

    /// <summary>The response ends before it.</summary>
    Block,

    /// <summary>It passes, with a finding.</summary>
    Allow,
}
