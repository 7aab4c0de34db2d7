namespace Aegis.Cli.BossBattle;

/// <summary>How a tier went.</summary>
/// <param name="Tier">Its name.</param>
/// <param name="Attempts">What the player tried.</param>
/// <param name="Hints">Hints that were shown.</param>
/// <param name="End">How it ended.</param>
internal sealed record BattleScore(string Tier, int Attempts, int Hints, BattleEnd End);
