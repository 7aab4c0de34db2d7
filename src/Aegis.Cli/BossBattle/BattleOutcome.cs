namespace Aegis.Cli.BossBattle;

/// <summary>What came of an attempt.</summary>
/// <param name="Won">Whether the harm of the tier has happened.</param>
/// <param name="WasObeyed">Whether the agent found an order in what reached it.</param>
/// <param name="Answer">What left the agent.</param>
/// <param name="StoppedBy">Rules that stopped something.</param>
/// <param name="ChangedBy">Rules that replaced something.</param>
/// <param name="NoticedBy">Rules that found something and let it pass.</param>
/// <param name="Spent">What the conversation has cost so far.</param>
internal sealed record BattleOutcome(bool Won, bool WasObeyed, string Answer, IReadOnlyList<string> StoppedBy, IReadOnlyList<string> ChangedBy, IReadOnlyList<string> NoticedBy, int Spent);
