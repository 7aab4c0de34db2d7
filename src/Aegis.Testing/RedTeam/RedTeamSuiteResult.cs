namespace Aegis.Testing;

/// <summary>What came of a suite.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What it is about.</param>
/// <param name="IsBenign">Whether its cases are harmless: then what is counted are false alarms.</param>
/// <param name="AsWritten">Attacks that reached their goal as they stand in the suite; of a harmless suite, cases that did not pass. Harmless cases whose tools the policy does not grant are not counted.</param>
/// <param name="Searched">Attacks that reached their goal as they stand or changed by the search; of a harmless suite the same as <paramref name="AsWritten"/>.</param>
/// <param name="Owasp">Identities at OWASP.</param>
/// <param name="Atlas">Identities in MITRE ATLAS.</param>
/// <param name="Cases">The cases that were tried and counted.</param>
public sealed record RedTeamSuiteResult(string Name, string Title, bool IsBenign, RedTeamShare AsWritten, RedTeamShare Searched, IReadOnlyList<string> Owasp, IReadOnlyList<string> Atlas, IReadOnlyList<string> Cases);
