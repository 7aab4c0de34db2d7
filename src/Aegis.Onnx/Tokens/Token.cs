namespace Aegis.Tokens;

/// <summary>A number that the model reads, and the part of the original text that it stands for.</summary>
/// <param name="Id">The number.</param>
/// <param name="Start">First position; no smaller than that of the token before.</param>
/// <param name="End">Position behind the last.</param>
internal readonly record struct Token(int Id, int Start, int End);
