namespace Aegis.Prompting;

/// <summary>What a message of a prompt holds.</summary>
internal enum PromptPart
{
    /// <summary>What the role says.</summary>
    Words,

    /// <summary>Marked text from outside.</summary>
    Context,

    /// <summary>The host's own word behind it.</summary>
    Reminder,
}
