using System.Text.Json;

namespace Aegis.Cli.BossBattle;

/// <summary>An order that an agent knows, in whatever words, and what it does then: it says something, or it calls a tool.</summary>
/// <param name="Needs">Groups of phrases, the verbs first: of each, one must be in the text.</param>
internal sealed record BattleOrder(IReadOnlyList<IReadOnlyList<string>> Needs)
{
    /// <summary>What it says around the value of the goal, <c>{value}</c>.</summary>
    public string? Say { get; init; }

    /// <summary>The tool that it calls.</summary>
    public string? Call { get; init; }

    /// <summary>With what.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>Whether a number in the text says how often.</summary>
    public bool Counts { get; init; }
}
