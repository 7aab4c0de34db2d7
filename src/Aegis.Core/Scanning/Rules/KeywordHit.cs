namespace Aegis.Scanning.Rules;

/// <summary>A keyword in a text.</summary>
/// <param name="Keyword">Its number.</param>
/// <param name="End">The position behind it.</param>
/// <param name="Edges">Which of its ends are words' edges.</param>
internal readonly record struct KeywordHit(int Keyword, int End, byte Edges);
