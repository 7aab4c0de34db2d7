using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Alerting;

/// <summary>Texts that go to logs and to people: nothing that breaks a line, moves a cursor, turns the direction or cannot be seen.</summary>
internal static class Plain
{
    /// <summary>Characters, at most.</summary>
    public const int MaxLength = 256;

    private const char Replacement = '\uFFFD';

    /// <summary>The text, with a replacement character for each that does not belong.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var plain = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var rune in text.EnumerateRunes())   // a lone surrogate is a replacement character by now
        {
            if (plain.Length + rune.Utf16SequenceLength > MaxLength)
            {
                break;
            }

            plain.Append(Belongs(rune) ? rune.ToString() : Replacement.ToString());
        }

        return plain.ToString();
    }

    private static bool Belongs(Rune rune) => !Confusables.IsInvisible(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
