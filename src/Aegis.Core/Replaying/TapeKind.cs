namespace Aegis.Replaying;

/// <summary>How the pipeline was asked.</summary>
internal enum TapeKind : byte
{
    /// <summary>One subject was judged.</summary>
    Inspect = 1,

    /// <summary>All calls of one step were.</summary>
    InspectAll,

    /// <summary>A call, before a person is asked.</summary>
    RefuseUnasked,

    /// <summary>A text that leaves quarantine.</summary>
    Release,

    /// <summary>Something that the adapter itself found.</summary>
    Record,
}
