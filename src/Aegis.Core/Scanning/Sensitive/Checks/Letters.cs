using System.Numerics;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>The letters of a value, in one case. Letters of ASCII, and the few others that Unicode makes letters of ASCII.</summary>
internal static class Letters
{
    /// <summary>A capital whose small letter is, in Unicode, an i and a dot above.</summary>
    public const char DottedCapitalI = '\u0130';

    private const char KelvinSign = '\u212A';
    private const char DotlessSmallI = '\u0131';
    private const char LongS = '\u017F';

    /// <summary>A character, in lower case if it is a letter.</summary>
    public static char Lower(char c) => char.IsAsciiLetterUpper(c) ? (char)(c ^ ' ') : c == KelvinSign ? 'k' : c;

    /// <summary>A character, in upper case if it is a letter.</summary>
    public static char Upper(char c) => char.IsAsciiLetterLower(c) ? (char)(c ^ ' ') : c;

    /// <summary>A character as comparisons see it that ignore case (Unicode, CaseFolding.txt, with the letters i of Turkish).</summary>
    public static char Fold(char c) => c switch
    {
        DottedCapitalI or DotlessSmallI => 'i',
        LongS => 's',
        _ => Lower(c),
    };

    /// <summary>A text in lower case.</summary>
    /// <param name="text">The text.</param>
    /// <param name="room">Gets it.</param>
    /// <returns>It; nothing if it does not fit.</returns>
    public static ReadOnlySpan<char> Lower(ReadOnlySpan<char> text, Span<char> room)
    {
        if (text.Length > room.Length)
        {
            return [];
        }

        for (var i = 0; i < text.Length; i++)
        {
            room[i] = Lower(text[i]);
        }

        return room[..text.Length];
    }

    /// <summary>A text as comparisons see it that ignore case.</summary>
    /// <param name="text">The text.</param>
    /// <param name="room">Gets it.</param>
    /// <returns>It; nothing if it does not fit.</returns>
    public static ReadOnlySpan<char> Fold(ReadOnlySpan<char> text, Span<char> room)
    {
        if (text.Length > room.Length)
        {
            return [];
        }

        for (var i = 0; i < text.Length; i++)
        {
            room[i] = Fold(text[i]);
        }

        return room[..text.Length];
    }

    /// <summary>The letters and digits of a code, whatever stands between them, letters in upper case.</summary>
    /// <param name="value">The value.</param>
    /// <param name="room">Gets them.</param>
    /// <returns>Them; none if there are more than fit, so that a value that is too long has no length that counts.</returns>
    public static ReadOnlySpan<char> CodeOf(ReadOnlySpan<char> value, Span<char> room)
    {
        var count = 0;
        foreach (var c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                continue;
            }

            if (count == room.Length)
            {
                return [];
            }

            room[count++] = Upper(c);
        }

        return room[..count];
    }

    /// <summary>How many different characters a code has whose letters are all in one case.</summary>
    public static int Kinds(ReadOnlySpan<char> code)
    {
        var seen = 0ul;
        foreach (var c in code)
        {
            seen |= 1ul << (c - '0');
        }

        return BitOperations.PopCount(seen);
    }

    /// <summary>How many digits stand in a text.</summary>
    public static int CountDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            count += char.IsAsciiDigit(c) ? 1 : 0;
        }

        return count;
    }

    /// <summary>How many characters a text has: two halves of one beyond the Basic Multilingual Plane are one.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            count -= char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether a character is of a word: a letter, a digit or an underscore.</summary>
    public static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';
}
