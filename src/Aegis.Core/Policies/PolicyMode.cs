namespace Aegis.Policies;

/// <summary>Whether verdicts are enforced.</summary>
public enum PolicyMode
{
    /// <summary>What is blocked does not go on.</summary>
    Enforce,

    /// <summary>Everything goes on unchanged; what would have happened is recorded.</summary>
    Monitor,
}
