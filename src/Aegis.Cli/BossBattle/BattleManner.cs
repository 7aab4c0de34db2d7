namespace Aegis.Cli.BossBattle;

/// <summary>A way to say a value, which whoever listens can undo.</summary>
/// <param name="Name">The change of the red team's that makes it.</param>
/// <param name="Words">What a player calls it.</param>
internal sealed record BattleManner(string Name, IReadOnlyList<string> Words);
