namespace Aegis.Policies.Documents;

/// <summary>A member of a map.</summary>
/// <param name="Name">Its name.</param>
/// <param name="At">Where the name stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record DocumentMember(string Name, DocumentPosition At, DocumentNode Value);
