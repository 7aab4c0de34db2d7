namespace Aegis.Testing.RedTeaming;

/// <summary>A piece of a text of an attacker.</summary>
/// <param name="Text">The piece.</param>
/// <param name="IsOrder">Whether the attack is not the attack without it.</param>
internal readonly record struct AttackSegment(string Text, bool IsOrder);
