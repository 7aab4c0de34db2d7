namespace Aegis;

/// <summary>What a judge says.</summary>
public enum JudgeVerdict
{
    /// <summary>It does not know, which is no approval.</summary>
    Unclear,

    /// <summary>It may go on.</summary>
    Approve,

    /// <summary>It may not.</summary>
    Reject,
}
