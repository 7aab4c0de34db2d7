namespace Aegis;

/// <summary>What an <see cref="ITextClassifier"/> thinks of a text.</summary>
/// <param name="Risk">From 0 to 1, scaled like all risks: from the block line of <c>scanner.sensitivity</c> on (.95, .90 or .80) the text is blocked, from .5 on it is flagged.</param>
/// <param name="Range">The part that it is about, which may be cut out of a tool's result; <see langword="null"/>: the whole.</param>
public readonly record struct TextRisk(double Risk, TextRange? Range = null);
