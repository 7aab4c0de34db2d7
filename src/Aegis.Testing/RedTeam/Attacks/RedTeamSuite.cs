namespace Aegis.Testing.RedTeaming;

/// <summary>Cases of one threat.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What it is about, for people.</param>
/// <param name="IsBenign">Whether its cases are harmless.</param>
/// <param name="Owasp">Identities at OWASP.</param>
/// <param name="Atlas">Identities in MITRE ATLAS.</param>
/// <param name="Cases">The cases.</param>
internal sealed record RedTeamSuite(string Name, string Title, bool IsBenign, IReadOnlyList<string> Owasp, IReadOnlyList<string> Atlas, IReadOnlyList<RedTeamCase> Cases);
