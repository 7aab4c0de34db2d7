using System.Globalization;
using System.Text;

namespace GuardedAgent;

/// <summary>A stranger's text for a terminal: what would move the cursor, turn the writing around or cannot be seen is shown by its number.</summary>
internal static class TerminalText
{
    /// <param name="text">The text.</param>
    /// <param name="most">Characters that are shown at most; what is cut is counted.</param>
    public static string Visible(string text, int most = 400)
    {
        var shown = new StringBuilder();
        var count = 0;
        var rest = 0;
        foreach (var rune in text.EnumerateRunes())   // half a character comes as U+FFFD
        {
            if (count++ >= most)
            {
                rest++;
                continue;
            }

            if (IsVisible(rune))
            {
                shown.Append(rune.ToString());
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
            }
        }

        return rest == 0 ? shown.ToString() : shown.Append(CultureInfo.InvariantCulture, $"… <{rest} more characters>").ToString();
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.SpaceSeparator => rune.Value == ' ',
        UnicodeCategory.NonSpacingMark => rune.Value is not (0x034F or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF)),
        _ => rune.Value is not (0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0),   // letters and signs that are blank
    };
}
