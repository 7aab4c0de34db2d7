namespace Aegis.Policies;

/// <summary>A policy was refused.</summary>
public sealed class PolicyException : AegisException
{
    /// <summary>A refused policy.</summary>
    /// <param name="errors">Every mistake.</param>
    public PolicyException(IReadOnlyList<PolicyError> errors)
        : base("The policy is refused:" + string.Concat((errors ?? throw new ArgumentNullException(nameof(errors))).Select(static e => $"\n  {e}"))) => Errors = errors;

    /// <summary>Every mistake.</summary>
    public IReadOnlyList<PolicyError> Errors { get; }
}
