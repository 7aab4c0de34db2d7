namespace Aegis.Scanning.Rules;

/// <summary>How far a rule's matches reach around the end of a chain.</summary>
/// <param name="Before">The most characters before it.</param>
/// <param name="Behind">The most behind it.</param>
internal readonly record struct RuleReach(int Before, int Behind);
