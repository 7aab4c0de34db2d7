using System.Security.Cryptography;
using System.Text;
using Aegis.Scanning.Normalizing;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>Values and texts in the forms in which they are compared.</summary>
internal static class FlowText
{
    /// <summary>A key of this process alone.</summary>
    public static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Lower case, one form of each character. Texts with lone surrogates stay as they are.</summary>
    public static string Plain(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return text.ToLowerInvariant();
        }
    }

    /// <summary>Whether a value holds what a reader does not see, or letters of several scripts that look alike: it is not what it seems to be.</summary>
    public static bool IsObscured(string value)
    {
        if (Ascii.IsValid(value))
        {
            return value.AsSpan().ContainsAnyInRange('\0', '\u001f') && value.AsSpan().Trim().ContainsAnyInRange('\0', '\u001f');
        }

        if (!value.IsNormalized(NormalizationForm.FormKC) && value.IsNormalized(NormalizationForm.FormC))
        {
            return true;   // forms for compatibility: a reader sees another text than a machine may
        }

        var (hasLatin, hasLookAlike) = (false, false);
        foreach (var rune in value.EnumerateRunes())
        {
            if (Confusables.IsInvisible(rune) || Rune.IsControl(rune))
            {
                return true;
            }

            hasLatin |= rune.IsAscii && Rune.IsLetter(rune);
            hasLookAlike |= !rune.IsAscii && Rune.IsLetter(rune) && Confusables.Of(rune) is not null;
        }

        return hasLatin && hasLookAlike;
    }

    /// <summary>Letters and digits alone.</summary>
    public static string Compact(ReadOnlySpan<char> text)
    {
        var compact = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                compact.Append(char.ToLowerInvariant(c));
            }
        }

        return compact.ToString();
    }

    /// <summary>Words with one space between them; whose something is, without the ending that says so.</summary>
    public static string Words(string plain) => string.Join(' ', WordForm.Of(plain).Select(static word => word.Length > 2 && word[^1] == 's' && word[^2] is '\'' or '’' ? word[..^2] : word));

    /// <summary>64 bits of a value under a key that nobody outside knows, so that nobody can make two values meet.</summary>
    public static ulong Hash(ReadOnlySpan<char> value, ulong seed)
    {
        var hash = seed;
        foreach (var c in value)
        {
            hash = (hash ^ c) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 29;
        }

        return hash | 1;
    }
}
