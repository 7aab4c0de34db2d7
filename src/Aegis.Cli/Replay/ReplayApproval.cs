namespace Aegis.Cli.Replay;

/// <summary>Who answers questions about calls, and how.</summary>
internal enum ReplayApproval
{
    /// <summary>A person who says no.</summary>
    Never,

    /// <summary>A person who says yes.</summary>
    Always,

    /// <summary>A scripted judge; what it does not answer, nobody does.</summary>
    Judge,
}
