namespace Aegis.Flow;

/// <summary>Who a value in a session comes from.</summary>
internal enum FlowSource : byte
{
    /// <summary>Nobody that is known: the model made it up, or changed it beyond recognition.</summary>
    Model,

    /// <summary>The host's own instructions.</summary>
    System,

    /// <summary>A user typed it.</summary>
    User,
}
