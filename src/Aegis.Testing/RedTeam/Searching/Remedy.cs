namespace Aegis.Testing.RedTeaming;

/// <summary>One member of a policy, said more strictly.</summary>
/// <param name="Member">The member, and what it would say.</param>
/// <param name="Policy">The policy with it.</param>
internal sealed record Remedy(string Member, AegisPolicy Policy);
