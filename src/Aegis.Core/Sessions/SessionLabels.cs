namespace Aegis;

/// <summary>What a session has taken in. Labels are only added, never taken away.</summary>
[Flags]
internal enum SessionLabels : byte
{
    None = 0,

    /// <summary>Text that others may have written.</summary>
    Untrusted = 1,

    /// <summary>Data that is not for everybody.</summary>
    Private = 2,

    Both = Untrusted | Private,
}
