namespace Aegis.Policies;

/// <summary>What happens to a call that does not serve the user's task.</summary>
public enum AlignmentStrictness
{
    /// <summary>It is flagged.</summary>
    Low,

    /// <summary>A person is asked.</summary>
    Medium,

    /// <summary>It is blocked.</summary>
    High,
}
