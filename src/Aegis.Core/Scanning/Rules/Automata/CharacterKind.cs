namespace Aegis.Scanning.Rules.Automata;

/// <summary>What a character is to <c>\w</c>, <c>\d</c>, <c>\s</c> and <c>\b</c>.</summary>
internal enum CharacterKind : byte
{
    Other,
    Space,
    Letter,
    Digit,

    /// <summary>Joins letters: no <c>\w</c>, but inside a word to <c>\b</c>.</summary>
    Joiner,
}
