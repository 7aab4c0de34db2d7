namespace Aegis.Integrity;

/// <summary>Who says a message.</summary>
internal enum HistorySpeaker
{
    /// <summary>A user, who may speak without a signature: what they say is read as theirs.</summary>
    User,

    /// <summary>The host, in a system message that does not lead the conversation; or nobody that is known: a role that some provider may take for the model's or a tool's.</summary>
    Host,

    /// <summary>The model.</summary>
    Model,

    /// <summary>Tools.</summary>
    Tool,
}
