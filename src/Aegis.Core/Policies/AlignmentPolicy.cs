namespace Aegis.Policies;

/// <summary>Whether what an agent does serves what its user asked for.</summary>
public sealed record AlignmentPolicy
{
    /// <summary>What happens to a call that the user's request does not support, or whose values come from where they should not.</summary>
    /// <value><see cref="AlignmentStrictness.Medium"/>: a person is asked; without anybody to ask it is blocked.</value>
    public AlignmentStrictness Strictness { get; init; } = AlignmentStrictness.Medium;

    /// <summary>Whether a step that sends or changes something, in a run that has read what others may have written, is taken a second time with the user's words hidden: a call that the model makes all the same comes from what it has read. One more model call for such a step, which counts on the budgets.</summary>
    /// <value><see langword="false"/>.</value>
    public bool MaskedReexecution { get; init; }
}
