namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which France, the Netherlands and Belgium know people.</summary>
internal static class WesternEuropeanIds
{
    private const int FrenchLength = 15;
    private const int FrenchKey = 13;   // where the key begins
    private const int Divisor = 97;     // of the French and the Belgian number
    private const int DutchLength = 9;
    private const int DutchModulus = 11;
    private const int BelgianLength = 11;
    private const int BisKnown = 40;     // added to the month of people who are not residents
    private const int BisUnknown = 20;   // and whose sex is not known
    private const int LastOrder = 999;   // never given
    private const int LatestYear = 35;   // of this century
    private const int ThisCentury = 2;   // stands before numbers of those born in it

    /// <summary>The last digit counts -1, which is 10.</summary>
    private static ReadOnlySpan<byte> DutchWeights => [9, 8, 7, 6, 5, 4, 3, 2, 10];

    /// <summary>Whether a value is a NIR of France, with 2A and 2B for Corsica: a commune, an order, and the key (INSEE; Wikipedia, "Numéro de sécurité sociale en France").</summary>
    public static bool IsFrenchSocialNumber(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[FrenchLength]);
        if (code.Length != FrenchLength)
        {
            return false;
        }

        Span<char> plain = stackalloc char[FrenchLength];
        code.CopyTo(plain);
        switch (code[5..7])
        {
            case "2A":
                "19".CopyTo(plain[5..]);
                break;
            case "2B":
                "18".CopyTo(plain[5..]);
                break;
        }

        var digits = Digits.Of(plain, stackalloc int[FrenchLength]);
        return digits.Length == FrenchLength
            && Digits.Number(digits[7..10]) != 0
            && Digits.Number(digits[10..FrenchKey]) != 0
            && Divisor - Digits.Remainder(digits[..FrenchKey], Divisor) == Digits.Number(digits[FrenchKey..]);
    }

    /// <summary>Whether a value is a Burgerservicenummer of the Netherlands: the elfproef (Wikipedia, "Burgerservicenummer").</summary>
    public static bool IsDutchNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[DutchLength]);
        return digits.Length == DutchLength
            && Digits.AreVaried(digits)
            && Digits.Number(digits[..3]) != 0
            && Digits.Sum(digits, DutchWeights) % DutchModulus == 0;
    }

    /// <summary>Whether a value is a national number of Belgium, or a bis number: a date, an order, and the last two digits, of either century (Wikipedia, "Rijksregisternummer").</summary>
    public static bool IsBelgianNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[BelgianLength]);
        if (digits.Length != BelgianLength)
        {
            return false;
        }

        var month = Digits.Number(digits[2..4]);
        month -= month > BisKnown ? BisKnown : month > BisUnknown ? BisUnknown : 0;
        if (month > 12 || Digits.Number(digits[4..6]) > 31 || Digits.Number(digits[6..9]) is 0 or LastOrder)
        {
            return false;
        }

        var check = Digits.Number(digits[9..]);
        return Divisor - Digits.Remainder(digits[..9], Divisor) == check
            || (Divisor - Digits.Remainder(digits[..9], Divisor, ThisCentury) == check && Digits.Number(digits[..2]) <= LatestYear);
    }
}
