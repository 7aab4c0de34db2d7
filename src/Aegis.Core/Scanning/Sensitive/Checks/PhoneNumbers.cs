namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Telephone numbers that say their country, and those of North America.</summary>
internal static class PhoneNumbers
{
    private const int MostCharacters = 128;
    private const int MostDigits = 32;   // with an extension
    private const int InternationalLeast = 8;
    private const int InternationalMost = 15;   // E.164
    private const int LongestCode = 3;
    private const int NorthAmerica = 1;
    private const int Italy = 39;        // numbers of Italy and San Marino keep their 0
    private const int SanMarino = 378;
    private const int VariedLength = 7;
    private const int FewestKinds = 3;
    private const int NationalLength = 10;
    private const int MostExtension = 6;

    private const string TrunkPrefix = "(0)";

    /// <summary>Whether a value is a number with its country: a country code without separators inside, and a length that the country's numbers have (ITU-T E.164; Wikipedia, "List of telephone country codes" and "National conventions for writing telephone numbers").</summary>
    public static bool IsInternational(ReadOnlySpan<char> value)
    {
        Span<char> room = stackalloc char[MostCharacters];
        var text = WithoutExtension(value);
        if (text.Length is < 2 or > MostCharacters)
        {
            return false;
        }

        var body = BodyOf(text, room);
        var digits = Digits.Of(body, stackalloc int[MostDigits]);
        if (body.Count('(') != body.Count(')') || !PhoneCountries.TryFind(digits, out var country) || body[..country.CodeLength].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var code = Digits.Number(digits[..country.CodeLength]);
        var national = digits[country.CodeLength..];
        national = national.Length > 0 && national[0] == 0 && code is not (Italy or SanMarino) ? national[1..] : national;
        return national.Length >= country.Fewest
            && national.Length <= country.Most
            && country.CodeLength + national.Length is >= InternationalLeast and <= InternationalMost
            && (code != NorthAmerica || national[0] > 1)
            && (national.Length < VariedLength || Digits.Kinds(national) >= FewestKinds)
            && (body.ContainsAnyExceptInRange('0', '9') || national[..Math.Min(national.Length, 9)].IndexOf(Digits.Ascending[1..9]) < 0);
    }

    /// <summary>Whether a value is a number of North America: an area and an exchange that are given (Wikipedia, "North American Numbering Plan"); if it has an extension, its length is enough.</summary>
    public static bool IsNorthAmerican(ReadOnlySpan<char> value)
    {
        if (WithoutExtension(value).Length != value.Length)
        {
            return IsLooselyNorthAmerican(value);
        }

        var national = NationalOf(value, stackalloc int[NationalLength + 1]);
        return national.Length == NationalLength
            && national[0] >= 2
            && national[1] != 9
            && Digits.Number(national[1..3]) != 11
            && national[3] >= 2
            && Digits.Number(national[4..6]) != 11
            && Digits.Kinds(national) >= FewestKinds;
    }

    /// <summary>Whether a value has the length of a number of North America, and three different digits (Wikipedia, "North American Numbering Plan").</summary>
    public static bool IsLooselyNorthAmerican(ReadOnlySpan<char> value)
    {
        var national = NationalOf(WithoutExtension(value), stackalloc int[NationalLength + 1]);
        return national.Length == NationalLength && national[0] >= 2 && Digits.Kinds(national) >= FewestKinds;
    }

    /// <summary>A number without its extension: x, # or ext and one to six digits.</summary>
    public static ReadOnlySpan<char> WithoutExtension(ReadOnlySpan<char> value)
    {
        var end = value.Length;
        while (end > 0 && char.IsAsciiDigit(value[end - 1]))
        {
            end--;
        }

        if (value.Length - end is 0 or > MostExtension)
        {
            return value;
        }

        end -= end > 0 && char.IsWhiteSpace(value[end - 1]) ? 1 : 0;
        var mark = MarkBefore(value[..end]);
        if (mark == 0)
        {
            return value;
        }

        end -= mark;
        end -= end > 0 && char.IsWhiteSpace(value[end - 1]) ? 1 : 0;
        return value[..end];
    }

    /// <summary>How many characters the mark of an extension has that stands at the end of a text; 0: there is none.</summary>
    private static int MarkBefore(ReadOnlySpan<char> text)
    {
        if (text.EndsWith("ext", StringComparison.OrdinalIgnoreCase))
        {
            return "ext".Length;
        }

        if (text.EndsWith("ext.", StringComparison.OrdinalIgnoreCase))
        {
            return "ext.".Length;
        }

        return text.Length > 0 && text[^1] is 'x' or 'X' or '#' ? 1 : 0;
    }

    /// <summary>A number from the country code on, without (0).</summary>
    private static ReadOnlySpan<char> BodyOf(ReadOnlySpan<char> text, Span<char> room)
    {
        var length = 0;
        var close = text.IndexOf(')');
        if (text.StartsWith("(+", StringComparison.Ordinal) && close is > 2 and <= LongestCode + 2 && !text[2..close].ContainsAnyExceptInRange('0', '9'))
        {
            text[2..close].CopyTo(room);
            length = close - 2;
            room[length++] = ' ';
            text = text[(close + 1)..].TrimStart();
        }
        else
        {
            text = text[0] == '+' ? text[1..] : text[2..];
        }

        while (text.IndexOf(TrunkPrefix, StringComparison.Ordinal) is >= 0 and var index)
        {
            text[..index].CopyTo(room[length..]);
            length += index;
            text = text[(index + TrunkPrefix.Length)..];
        }

        text.CopyTo(room[length..]);
        return room[..(length + text.Length)];
    }

    /// <summary>The digits of a number of North America without its country code.</summary>
    private static ReadOnlySpan<int> NationalOf(ReadOnlySpan<char> value, Span<int> room)
    {
        var digits = Digits.Of(value, room);
        return digits.Length == NationalLength + 1 && digits[0] == NorthAmerica ? digits[1..] : digits;
    }
}
