namespace Aegis;

/// <summary>What happens to a subject. Ordered: the strictest wins.</summary>
public enum Decision
{
    /// <summary>It goes on.</summary>
    Allow,

    /// <summary>It goes on and is recorded.</summary>
    Flag,

    /// <summary>It goes on without the parts that were found.</summary>
    Redact,

    /// <summary>It waits for a person.</summary>
    Ask,

    /// <summary>It does not go on.</summary>
    Block,
}
