namespace Aegis.Testing;

/// <summary>What came of one attack on a live target.</summary>
/// <param name="Case">The case.</param>
/// <param name="Suite">Its suite.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Evidence">What happened, without the values and without a word of the answer; empty where it was held.</param>
public sealed record LiveRedTeamResult(string Case, string Suite, LiveRedTeamOutcome Outcome, string Evidence);
