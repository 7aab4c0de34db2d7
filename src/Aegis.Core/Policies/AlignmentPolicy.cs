namespace Aegis.Policies;

/// <summary>Whether what an agent does serves what its user asked for.</summary>
public sealed record AlignmentPolicy
{
    /// <summary>What happens to a call that the user's request does not support, or whose values come from where they should not.</summary>
    /// <value><see cref="AlignmentStrictness.Medium"/>: a person is asked; without anybody to ask it is blocked.</value>
    public AlignmentStrictness Strictness { get; init; } = AlignmentStrictness.Medium;
}
