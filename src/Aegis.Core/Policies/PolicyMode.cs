namespace Aegis.Policies;

/// <summary>Whether verdicts are enforced.</summary>
public enum PolicyMode
{
    /// <summary>What is blocked does not go on.</summary>
    Enforce,

    /// <summary>Everything goes on unchanged; what would have happened is recorded.</summary>
    Monitor,

    /// <summary>Nothing is inspected or recorded: the switch for an emergency. A warning says so at start; the presets <c>strict</c> and <c>paranoid</c> refuse it.</summary>
    Off,
}
