namespace Aegis;

/// <summary>Who is said to have written an input. The host's own system message is not an input.</summary>
public enum InputRole
{
    /// <summary>A user typed it.</summary>
    User,

    /// <summary>A client sent it back as something the assistant said earlier; it may be forged.</summary>
    Assistant,

    /// <summary>Anything else, unknown roles included.</summary>
    Other,
}
