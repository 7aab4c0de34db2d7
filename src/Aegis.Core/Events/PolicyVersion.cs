namespace Aegis.Events;

/// <summary>Which policy decided: its name, and a hash over everything that it says.</summary>
/// <param name="Name">The name.</param>
/// <param name="Hash">The first 16 hexadecimal digits of SHA-256 over the policy as a document.</param>
internal sealed record PolicyVersion(string Name, string Hash);
