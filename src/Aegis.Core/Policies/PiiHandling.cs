namespace Aegis.Policies;

/// <summary>What happens to personal data.</summary>
public enum PiiHandling
{
    /// <summary>A placeholder that names its type stands in its place; behind that for what a user typed the value can come back (<see cref="ArgumentPolicy.Restore"/>).</summary>
    Redact,

    /// <summary>The response ends before it; a request or a call with it is refused.</summary>
    Block,

    /// <summary>It passes, with a finding.</summary>
    Allow,
}
