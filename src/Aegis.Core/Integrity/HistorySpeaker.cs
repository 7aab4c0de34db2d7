namespace Aegis.Integrity;

/// <summary>Who says a message.</summary>
internal enum HistorySpeaker
{
    /// <summary>A user, or whoever else may speak without a signature: what they say is read as theirs.</summary>
    User,

    /// <summary>The model.</summary>
    Model,

    /// <summary>Tools.</summary>
    Tool,
}
