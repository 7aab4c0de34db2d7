namespace Aegis.Policies;

/// <summary>What happens to a text with which a session shows what no text of it shows alone.</summary>
public enum TrajectoryEffect
{
    /// <summary>It goes on and is recorded.</summary>
    Flag,

    /// <summary>It does not go on.</summary>
    Block,
}
