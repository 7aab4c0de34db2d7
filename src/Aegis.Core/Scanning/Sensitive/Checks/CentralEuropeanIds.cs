namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which Germany, Austria, Switzerland and Poland know people.</summary>
internal static class CentralEuropeanIds
{
    private const int TaxLength = 11;
    private const int TaxModulus = 11;
    private const int MostRepeats = 3;   // of the one digit that stands more than once
    private const int CardLength = 9;
    private const int LongestCard = 11;
    private const int FewestCardDigits = 3;
    private const int LetterA = 10;   // what A counts on an identity card
    private const int AustrianLength = 10;
    private const int AustrianModulus = 11;
    private const int AustrianMonths = 15;   // 13 to 15: the day of birth is not known, or all numbers of it are given
    private const int SwissLength = 13;
    private const int SwissCountry = 756;
    private const int PolishLength = 11;
    private const int MonthsOfCentury = 20;

    private static ReadOnlySpan<byte> CardWeights => [7, 3, 1, 7, 3, 1, 7, 3, 1];

    /// <summary>The check digit stands at the fourth place and counts nothing.</summary>
    private static ReadOnlySpan<byte> AustrianWeights => [3, 7, 9, 0, 5, 8, 4, 2, 1, 6];

    private static ReadOnlySpan<byte> SwissWeights => [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3];

    private static ReadOnlySpan<byte> PolishWeights => [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];

    /// <summary>
    /// Whether a value is a tax identification number of Germany: one of its first ten digits stands twice or three times, never three times side by side, no
    /// other does, and the last digit (Wikipedia, "Steuerliche Identifikationsnummer"; ISO/IEC 7064, MOD 11,10).
    /// </summary>
    public static bool IsGermanTaxNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[TaxLength]);
        if (digits.Length != TaxLength || digits[0] == 0)
        {
            return false;
        }

        var repeated = 0;
        for (var digit = 0; digit < 10; digit++)
        {
            var count = digits[..^1].Count(digit);
            repeated += count > 1 ? 1 : 0;
            if (count > MostRepeats)
            {
                return false;
            }
        }

        for (var i = 2; i < digits.Length - 1; i++)
        {
            if (digits[i] == digits[i - 1] && digits[i] == digits[i - 2])
            {
                return false;
            }
        }

        return repeated == 1 && TaxDigit(digits[..^1]) == digits[^1];
    }

    /// <summary>Whether a value is a number of a German identity card: letters and digits, and the last digit if it stands there (ICAO Doc 9303-3; Wikipedia, "Personalausweis (Deutschland)").</summary>
    public static bool IsGermanIdentityCard(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[LongestCard]);
        if (code.Length == CardLength)
        {
            return Letters.CountDigits(code) >= FewestCardDigits;
        }

        if (code.Length < CardLength || !char.IsAsciiDigit(code[CardLength]) || Letters.CountDigits(code[..CardLength]) == 0)
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < CardLength; i++)
        {
            sum += (char.IsAsciiDigit(code[i]) ? code[i] - '0' : code[i] - 'A' + LetterA) * CardWeights[i];
        }

        return sum % 10 == code[CardLength] - '0';
    }

    /// <summary>Whether a value is a social insurance number of Austria: a day and a month, and the fourth digit (Wikipedia, "Sozialversicherungsnummer").</summary>
    public static bool IsAustrianSocialNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[AustrianLength]);
        return digits.Length == AustrianLength
            && digits[0] != 0
            && Digits.Number(digits[4..6]) is >= 1 and <= 31
            && Digits.Number(digits[6..8]) is >= 1 and <= AustrianMonths
            && Digits.Sum(digits, AustrianWeights) % AustrianModulus == digits[3];
    }

    /// <summary>Whether a value is an AHV number of Switzerland: the country, and the last digit as of an EAN-13 (Central Compensation Office; Wikipedia, "AHV-Nummer").</summary>
    public static bool IsSwissSocialNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[SwissLength]);
        return digits.Length == SwissLength && Digits.Number(digits[..3]) == SwissCountry && (10 - (Digits.Sum(digits, SwissWeights) % 10)) % 10 == digits[^1];
    }

    /// <summary>Whether a value is a PESEL number of Poland: the date of birth, whose month says the century, and the last digit (Wikipedia, "PESEL").</summary>
    public static bool IsPolishNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[PolishLength]);
        if (digits.Length != PolishLength)
        {
            return false;
        }

        var month = Digits.Number(digits[2..4]);
        var century = (month / MonthsOfCentury) switch
        {
            0 => 1900,
            1 => 2000,
            2 => 2100,
            3 => 2200,
            _ => 1800,
        };
        return Dates.IsDay(century + Digits.Number(digits[..2]), month % MonthsOfCentury, Digits.Number(digits[4..6]))
            && (10 - (Digits.Sum(digits, PolishWeights) % 10)) % 10 == digits[^1];
    }

    private static int TaxDigit(ReadOnlySpan<int> digits)
    {
        var product = 10;
        foreach (var digit in digits)
        {
            var sum = (product + digit) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % TaxModulus;
        }

        return (TaxModulus - product) % 10;
    }
}
