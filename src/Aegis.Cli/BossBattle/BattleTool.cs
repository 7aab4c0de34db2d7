namespace Aegis.Cli.BossBattle;

/// <summary>A tool of an agent in the game; it does nothing but note that it ran.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it says of itself.</param>
/// <param name="Returns">What it returns; <c>{n}</c> is how many calls have run.</param>
internal sealed record BattleTool(string Name, string Description, string Returns)
{
    /// <summary>Its parameters and their JSON types.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>What a call costs, in gold.</summary>
    public int Costs { get; init; }
}
