namespace Aegis.Testing.RedTeaming;

/// <summary>What a change changes.</summary>
internal enum MutatorKind
{
    /// <summary>The characters of the order.</summary>
    Spelling,

    /// <summary>What the order is dressed in.</summary>
    Dressing,

    /// <summary>Where the pieces of the order stand.</summary>
    Splitting,

    /// <summary>What the model calls, and with what.</summary>
    Call,

    /// <summary>How the model says what is to come out.</summary>
    Answer,
}
