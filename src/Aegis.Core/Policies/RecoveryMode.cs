namespace Aegis.Policies;

/// <summary>What becomes of a conversation when something that its user typed was blocked as an attack.</summary>
public enum RecoveryMode
{
    /// <summary>The request ends as <see cref="AegisPolicy.OnBlock"/> says; the conversation goes on.</summary>
    Continue,

    /// <summary>The message is left out, and the request goes on with the others that are new, which are judged as ever; where none of them is left, it ends as <see cref="AegisPolicy.OnBlock"/> says.</summary>
    ResetLast,

    /// <summary>After so many attacks the conversation is set aside, for some time or until it is released.</summary>
    QuarantineSession,

    /// <summary>After so many attacks the conversation has ended, with its runs and its open questions.</summary>
    TerminateSession,

    /// <summary>As <see cref="Continue"/>; and answers that were blocked are asked for again, as <see cref="AegisPolicy.AutoRetry"/> says.</summary>
    AutoRetry,
}
