namespace Aegis;

/// <summary>A range of the original text, in UTF-16 code units.</summary>
/// <param name="Start">First position.</param>
/// <param name="End">Position behind the last.</param>
public readonly record struct TextRange(int Start, int End);
