namespace Aegis.ExtensionsAI;

/// <summary>Whether an answer to a question counts.</summary>
internal enum CountedAnswer
{
    /// <summary>It does not.</summary>
    No,

    /// <summary>For the call that was asked about.</summary>
    Yes,

    /// <summary>For the call with other arguments, which are judged from the start.</summary>
    Edited,
}
