namespace Aegis.Replaying;

/// <summary>What the member <c>replay</c> of a record holds.</summary>
internal enum ReplayTokenKind
{
    /// <summary>Everything, sealed: <c>e1</c>.</summary>
    Sealed,

    /// <summary>What is no content, readable and proven: <c>h1</c>.</summary>
    Hashed,

    /// <summary>Why inspections of its kind are not replayed: <c>n1</c>.</summary>
    Never,

    /// <summary>Why this one could not be kept: <c>f1</c>.</summary>
    Failed,
}
