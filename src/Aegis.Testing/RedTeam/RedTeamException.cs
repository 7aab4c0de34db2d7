namespace Aegis.Testing;

/// <summary>More got through, or less passed, than is accepted.</summary>
/// <param name="message">Which, and what would stop it.</param>
public sealed class RedTeamException(string message) : Exception(message);
