namespace Aegis.Integrity;

/// <summary>What a part of a message does in a conversation.</summary>
internal enum HistoryPartKind
{
    /// <summary>It says or shows something.</summary>
    Words,

    /// <summary>Only a model says such: a thought, a call of the provider's tools or what they have returned.</summary>
    Thought,

    /// <summary>It wants a tool to run.</summary>
    Call,

    /// <summary>It is what a tool has returned.</summary>
    Result,

    /// <summary>It is a question to people or their answer, which the desk of approvals checks; or it says nothing.</summary>
    Other,
}
