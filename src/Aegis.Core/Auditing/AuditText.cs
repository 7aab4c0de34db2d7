using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Auditing;

/// <summary>Names as a record may hold them: nothing that ends a line, moves a cursor, hides, or turns the direction of writing.</summary>
internal static class AuditText
{
    /// <summary>Characters, at most.</summary>
    public const int MaxLength = 512;

    /// <summary>A name without what harms its readers, and without what is beyond <see cref="MaxLength"/> characters.</summary>
    public static string? Of(string? text)
    {
        if (text is null || (text.Length <= MaxLength && !NeedsWork(text)))
        {
            return text;
        }

        var clean = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var rune in text.EnumerateRunes())   // half a pair comes as U+FFFD
        {
            var said = IsHarmful(rune) ? Rune.ReplacementChar : rune;
            if (clean.Length + said.Utf16SequenceLength > MaxLength)
            {
                break;
            }

            clean.Append(said.ToString());
        }

        return clean.ToString();
    }

    private static bool NeedsWork(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or >= '\u007F')
            {
                return text.EnumerateRunes().Any(static rune => IsHarmful(rune) || rune == Rune.ReplacementChar);
            }
        }

        return false;
    }

    private static bool IsHarmful(Rune rune) => Confusables.IsInvisible(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
