using System.Globalization;

namespace Aegis.Scanning.Classifying;

/// <summary>What canonical texts are counted in: words, and in scripts without blanks between words half of one for each character.</summary>
internal static class TextUnits
{
    private const ulong LowWords = 0x03FF_0080_0000_0000;    // a bit for each: the apostrophe and digits
    private const ulong HighWords = 0x07FF_FFFE_07FF_FFFE;   // letters

    /// <summary>Units of a word of a script with blanks.</summary>
    public const int Word = 2;

    /// <summary>Whether a character belongs to a script that writes words without blanks between them.</summary>
    public static bool IsUnspaced(char c) => c >= '\u0E00' && c is (>= '\u0E00' and <= '\u0EFF') or (>= '\u1000' and <= '\u109F') or (>= '\u1780' and <= '\u17FF') or (>= '\u2E80' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');

    /// <summary>Whether a character belongs to a word.</summary>
    public static bool IsWord(char c) => c < 0x80 ? (((c < 64 ? LowWords : HighWords) >> (c & 63)) & 1) != 0 : char.IsLetterOrDigit(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
