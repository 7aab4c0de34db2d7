namespace Aegis.Tools.Arguments;

/// <summary>A word of a command.</summary>
/// <param name="Text">What the program gets, without quotes.</param>
/// <param name="IsPlain">Whether it gets exactly that: no shell puts something in its place.</param>
internal readonly record struct CommandWord(string Text, bool IsPlain);
