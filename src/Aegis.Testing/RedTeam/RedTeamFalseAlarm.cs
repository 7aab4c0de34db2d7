namespace Aegis.Testing;

/// <summary>A harmless case that did not pass.</summary>
/// <param name="Case">The case.</param>
/// <param name="Evidence">What happened.</param>
/// <param name="Rules">Rules that found something.</param>
public sealed record RedTeamFalseAlarm(string Case, string Evidence, IReadOnlyList<string> Rules);
