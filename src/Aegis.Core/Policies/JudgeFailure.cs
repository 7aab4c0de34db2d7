namespace Aegis.Policies;

/// <summary>What happens when a judge has no clear answer.</summary>
public enum JudgeFailure
{
    /// <summary>What it was asked about is blocked.</summary>
    Block,

    /// <summary>A person is asked about a call; a text is blocked.</summary>
    Ask,

    /// <summary>It goes on, flagged, as if there were no judge.</summary>
    Flag,
}
