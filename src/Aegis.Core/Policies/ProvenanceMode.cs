namespace Aegis.Policies;

/// <summary>What is done about the origin of arguments.</summary>
public enum ProvenanceMode
{
    /// <summary>It decides, as <see cref="AlignmentPolicy.Strictness"/> says.</summary>
    Enforce,

    /// <summary>It is flagged.</summary>
    Flag,

    /// <summary>It is not looked at.</summary>
    Off,
}
