namespace Aegis.Policies;

/// <summary>Whom what a tool returns is for.</summary>
public enum Confidentiality
{
    /// <summary>Everybody.</summary>
    Public,

    /// <summary>The user alone.</summary>
    Private,
}
