namespace Aegis.Policies;

/// <summary>The risk from which a text is blocked.</summary>
public enum Sensitivity
{
    /// <summary>0.95.</summary>
    Permissive,

    /// <summary>0.90.</summary>
    Balanced,

    /// <summary>0.80.</summary>
    Paranoid,
}
