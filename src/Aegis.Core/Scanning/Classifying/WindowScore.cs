namespace Aegis.Scanning.Classifying;

/// <summary>How much a window of a text reads like an attack.</summary>
/// <param name="Score">The higher, the more; the default is no text.</param>
/// <param name="Range">Where it stands in the original.</param>
internal readonly record struct WindowScore(int Score, TextRange? Range);
