namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers of documents that have no common checksum: what is left is that nobody typed them to fill a field.</summary>
internal static class DocumentNumbers
{
    private const int LongestCode = 64;
    private const int FewestDigits = 5;
    private const int FewestKinds = 3;
    private const int GermanPassport = 9;
    private const int LongGermanPassport = 10;   // with its check digit
    private const int FewestGermanDigits = 2;
    private const int ShortestLicence = 6;

    /// <summary>First letters of German passports.</summary>
    private const string GermanLetters = "CFGHJK";

    private static readonly WordSet Fillers = new("123456789 12345678 1234567");

    /// <summary>Whether a value can be a number of a document: five digits, three of them different, and not those of a keyboard's row.</summary>
    public static bool IsCode(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[LongestCode]);
        return HasDigits(code) && !Fillers.Contains(code);
    }

    /// <summary>Whether a value can be a number of a passport (ICAO Doc 9303-4; Wikipedia, "German passport"): five digits, or a German number with two.</summary>
    public static bool IsPassport(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[LongestCode]);
        if (code.Length == 0 || IsInOrder(code) || Letters.Kinds(code) < FewestKinds)
        {
            return false;
        }

        var digits = Letters.CountDigits(code);
        return digits >= FewestDigits
            || (code.Length is GermanPassport or LongGermanPassport && GermanLetters.Contains(code[0], StringComparison.Ordinal) && digits >= FewestGermanDigits);
    }

    /// <summary>Whether a value can be a number of a driver's licence (Wikipedia, "Driver's license"): six characters, five of them digits, three of these different, and not all in order.</summary>
    public static bool IsLicence(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[LongestCode]);
        return code.Length >= ShortestLicence && HasDigits(code) && !IsInOrder(code);
    }

    private static bool HasDigits(ReadOnlySpan<char> code)
    {
        var digits = Digits.Of(code, stackalloc int[LongestCode]);
        return digits.Length >= FewestDigits && Digits.Kinds(digits) >= FewestKinds;
    }

    private static bool IsInOrder(ReadOnlySpan<char> code)
    {
        var digits = Digits.Of(code, stackalloc int[LongestCode]);
        return digits.Length == code.Length && Digits.Ascending[..^1].IndexOf(digits) >= 0;
    }
}
