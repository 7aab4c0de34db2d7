namespace Aegis.Scanning.Sensitive;

/// <summary>A value that was found.</summary>
internal readonly record struct SensitiveHit(SensitiveRule Rule, TextRange Range);
