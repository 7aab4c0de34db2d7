using System.Globalization;

namespace Aegis.Scanning.Normalizing;

/// <summary>The alphabet of <see cref="LooseText"/>: letters alone, with the digits and signs that stand for letters read as these, and i and l one letter, because 1, ! and | stand for both.</summary>
internal static class LooseLetters
{
    /// <summary>The letter, or a character that stands for nothing: <c>\0</c>.</summary>
    public static char Of(char canonical) => canonical switch
    {
        'l' => 'i',
        >= 'a' and <= 'z' => canonical,
        '0' => 'o',
        '1' => 'i',
        '2' => 'z',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '6' or '9' => 'g',
        '7' => 't',
        '8' => 'b',
        < (char)0x80 => '\0',
        _ => IsLetter(canonical) ? canonical : '\0',
    };

    /// <summary>The letter that a sign stands for in front of a letter, or <c>\0</c>.</summary>
    public static char OfSign(char canonical) => canonical switch
    {
        '@' => 'a',
        '$' => 's',
        '!' or '|' => 'i',
        _ => '\0',
    };

    /// <summary>A keyword in this alphabet.</summary>
    public static string Fold(string canonical) => string.Concat(canonical.Select(Of).Where(static c => c != '\0'));

    private static bool IsLetter(char c) => char.IsLetter(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
