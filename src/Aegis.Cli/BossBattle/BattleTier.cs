namespace Aegis.Cli.BossBattle;

/// <summary>One opponent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Story">What the player is told.</param>
/// <param name="Goal">What the player is to reach, in words.</param>
/// <param name="Policy">The name of its policy.</param>
/// <param name="Instructions">What the host tells the agent; values of the world in braces.</param>
/// <param name="Idle">What the agent says that has found no order.</param>
/// <param name="Wins">What counts as the harm.</param>
/// <param name="Orders">What the agent obeys, first come.</param>
/// <param name="Hints">Hints, from vague to plain.</param>
internal sealed record BattleTier(string Name, string Story, string Goal, string Policy, string Instructions, string Idle, BattleGoal Wins, IReadOnlyList<BattleOrder> Orders, IReadOnlyList<string> Hints)
{
    /// <summary>The tools of the agent.</summary>
    public IReadOnlyList<BattleTool> Tools { get; init; } = [];

    /// <summary>What somebody else asks the agent for, who has to read what the player writes; null: the player talks to the agent.</summary>
    public string? Task { get; init; }

    /// <summary>The tool that returns what the player writes, where there is a task.</summary>
    public string? Reader { get; init; }
}
