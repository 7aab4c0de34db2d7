namespace Aegis.Testing.RedTeaming;

/// <summary>Where an attack stands.</summary>
internal enum AttackPlace
{
    /// <summary>The user types it.</summary>
    Typed,

    /// <summary>A tool returns it.</summary>
    Result,

    /// <summary>A tool's description says it.</summary>
    Description,

    /// <summary>The description of a tool's parameter says it.</summary>
    Parameter,

    /// <summary>The history has it as an answer of the model.</summary>
    Assistant,

    /// <summary>The history has it as a message of the host.</summary>
    System,

    /// <summary>The history has it as the result of a tool.</summary>
    HistoryResult,

    /// <summary>Nobody says it: the model misbehaves by itself.</summary>
    Rogue,
}
