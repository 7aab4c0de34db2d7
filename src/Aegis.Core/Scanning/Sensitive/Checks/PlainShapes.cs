using System.Buffers;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Shapes that look random and are no secrets. Digits are those of any script where a person may have typed them.</summary>
internal static class PlainShapes
{
    private const int UuidLength = 36;
    private const int YearLength = 4;
    private const int LongestHashName = 7;

    /// <summary>Hash functions as they stand before a hash.</summary>
    private static readonly string[] HashNames = ["sha1", "sha224", "sha256", "sha384", "sha512", "md5", "blake2", "blake2b", "blake2s", "blake3"];

    private static readonly SearchValues<char> Separators = SearchValues.Create("-_:=.");

    /// <summary>Whether a value is a UUID (RFC 9562).</summary>
    public static bool IsUuid(ReadOnlySpan<char> value)
    {
        if (value.Length != UuidLength)
        {
            return false;
        }

        for (var i = 0; i < value.Length; i++)
        {
            var isHyphen = i is 8 or 13 or 18 or 23;
            if (isHyphen ? value[i] != '-' : !char.IsAsciiHexDigit(value[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a value consists of hexadecimal digits and hyphens.</summary>
    public static bool IsHexadecimal(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            if (!char.IsAsciiHexDigit(c) && c != '-')
            {
                return false;
            }
        }

        return !value.IsEmpty;
    }

    /// <summary>Whether a value begins with a year from 1900 to 2099, a month and a day (ISO 8601-1).</summary>
    public static bool BeginsWithDate(ReadOnlySpan<char> value)
    {
        if (value.Length < YearLength || value[..2] is not ("19" or "20") || !char.IsDigit(value[2]) || !char.IsDigit(value[3]))
        {
            return false;
        }

        var rest = WithoutHyphen(value[YearLength..]);
        return rest.Length >= 2 && rest[0] is '0' or '1' && char.IsDigit(rest[1])
            && WithoutHyphen(rest[2..]) is [>= '0' and <= '3', var ones, ..] && char.IsDigit(ones);
    }

    /// <summary>Whether a value begins with the name of a hash function and a separator, as the integrity of packages does (W3C, "Subresource Integrity").</summary>
    public static bool BeginsWithHash(ReadOnlySpan<char> value)
    {
        var separator = value[..Math.Min(value.Length, LongestHashName + 1)].IndexOfAny(Separators);
        if (separator < 0)
        {
            return false;
        }

        var name = Letters.Fold(value[..separator], stackalloc char[LongestHashName]);
        foreach (var known in HashNames)
        {
            if (name.Equals(known, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> WithoutHyphen(ReadOnlySpan<char> text) => text.Length > 0 && text[0] == '-' ? text[1..] : text;
}
