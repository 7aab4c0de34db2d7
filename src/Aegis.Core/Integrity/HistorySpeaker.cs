namespace Aegis.Integrity;

/// <summary>Who says a message.</summary>
internal enum HistorySpeaker
{
    /// <summary>A user, who may speak without a signature: what they say is read as theirs.</summary>
    User,

    /// <summary>The host, in a system message that does not lead the conversation.</summary>
    Host,

    /// <summary>The model.</summary>
    Model,

    /// <summary>Tools.</summary>
    Tool,
}
