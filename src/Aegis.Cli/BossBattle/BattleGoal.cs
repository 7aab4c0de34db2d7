namespace Aegis.Cli.BossBattle;

/// <summary>The harm that wins a tier; one of them is given.</summary>
internal sealed record BattleGoal
{
    /// <summary>A value that must stand in what left the agent.</summary>
    public string? Leaked { get; init; }

    /// <summary>A tool that must run.</summary>
    public string? Executed { get; init; }

    /// <summary>What the tools that ran in one conversation must cost more than.</summary>
    public int? Spent { get; init; }
}
