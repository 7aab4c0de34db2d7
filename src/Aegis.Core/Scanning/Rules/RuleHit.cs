namespace Aegis.Scanning.Rules;

/// <summary>A rule that matched, and where in the original text.</summary>
internal readonly record struct RuleHit(Rule Rule, TextRange Range);
