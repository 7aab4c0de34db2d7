namespace Aegis.Prompting;

/// <summary>Who speaks in a message of a prompt.</summary>
public enum PromptRole
{
    /// <summary>The host.</summary>
    System,

    /// <summary>The user; also text from outside, which is marked.</summary>
    User,

    /// <summary>The model, in an earlier turn.</summary>
    Assistant,
}
