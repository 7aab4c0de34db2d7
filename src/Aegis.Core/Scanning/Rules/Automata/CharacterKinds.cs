using System.Globalization;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>The kinds of all characters, as .NET's regular expressions see them.</summary>
internal static class CharacterKinds
{
    /// <summary>How many kinds there are.</summary>
    public const int Count = 5;

    private static readonly CharacterKind[] Kinds = [.. Enumerable.Range(0, char.MaxValue + 1).Select(static c => KindOf((char)c))];

    public static CharacterKind Of(char c) => Kinds[c];

    /// <summary>Whether a word goes on here.</summary>
    public static bool IsOfWord(CharacterKind kind) => kind is CharacterKind.Letter or CharacterKind.Digit or CharacterKind.Joiner;

    /// <summary>Whether a word ends or begins at a position of a text.</summary>
    public static bool IsEdge(ReadOnlySpan<char> text, int position) => (position > 0 && IsOfWord(Of(text[position - 1]))) != (position < text.Length && IsOfWord(Of(text[position])));

    /// <summary>Whether a class with a name has the characters of a kind.</summary>
    public static bool IsIn(CharacterKind kind, char set) => set switch
    {
        's' => kind == CharacterKind.Space,
        'S' => kind != CharacterKind.Space,
        'd' => kind == CharacterKind.Digit,
        'D' => kind != CharacterKind.Digit,
        'w' => kind is CharacterKind.Letter or CharacterKind.Digit,
        'W' => kind is not (CharacterKind.Letter or CharacterKind.Digit),
        _ => throw new ArgumentOutOfRangeException(nameof(set)),
    };

    private static CharacterKind KindOf(char c) => c is '\u200c' or '\u200d' ? CharacterKind.Joiner : char.IsWhiteSpace(c) ? CharacterKind.Space : CharUnicodeInfo.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.DecimalDigitNumber => CharacterKind.Digit,
        <= UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.ConnectorPunctuation => CharacterKind.Letter,
        _ => CharacterKind.Other,
    };
}
