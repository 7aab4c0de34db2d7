namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which Australia, South Africa, Turkey and Israel know people.</summary>
internal static class OtherIds
{
    private const int TaxFileLength = 9;
    private const int TaxFileModulus = 11;
    private const int MedicareLength = 10;
    private const int LongMedicareLength = 11;   // with the number of the person on the card
    private const int SouthAfricanLength = 13;
    private const int TurkishLength = 11;
    private const int IsraeliLength = 9;

    private static ReadOnlySpan<byte> TaxFileWeights => [1, 4, 3, 7, 5, 8, 6, 9, 10];

    private static ReadOnlySpan<byte> MedicareWeights => [1, 3, 7, 9, 1, 3, 7, 9];

    /// <summary>Digits at odd places count seven times; those between are taken away, which is nine times.</summary>
    private static ReadOnlySpan<byte> TurkishWeights => [7, 9, 7, 9, 7, 9, 7, 9, 7];

    /// <summary>Whether a value is a Tax File Number of Australia (Wikipedia, "Tax file number").</summary>
    public static bool IsTaxFileNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[TaxFileLength]);
        return digits.Length == TaxFileLength && Digits.AreVaried(digits) && Digits.Sum(digits, TaxFileWeights) % TaxFileModulus == 0;
    }

    /// <summary>Whether a value is a Medicare number of Australia: it begins with 2 to 6, the ninth digit, and an issue that is not 0 (Wikipedia, "Medicare card").</summary>
    public static bool IsMedicareNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[LongMedicareLength]);
        return digits.Length is MedicareLength or LongMedicareLength
            && digits[0] is >= 2 and <= 6
            && Digits.Sum(digits, MedicareWeights) % 10 == digits[8]
            && digits[9] != 0;
    }

    /// <summary>Whether a value is an identity number of South Africa: the date of birth, the citizenship, and the last digit (Wikipedia, "South African identity card"; Luhn).</summary>
    public static bool IsSouthAfricanNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[SouthAfricanLength]);
        return digits.Length == SouthAfricanLength
            && Dates.IsDayOfSomeCentury(Digits.Number(digits[..2]), Digits.Number(digits[2..4]), Digits.Number(digits[4..6]))
            && digits[10] <= 2
            && Digits.PassLuhn(digits);
    }

    /// <summary>Whether a value is an identification number of Turkey: its last two digits (Wikipedia, "Turkish Identification Number").</summary>
    public static bool IsTurkishNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[TurkishLength]);
        return digits.Length == TurkishLength
            && digits[0] != 0
            && Digits.Sum(digits, TurkishWeights) % 10 == digits[9]
            && Sum(digits[..10]) % 10 == digits[10];
    }

    /// <summary>Whether a value is an identity number of Israel: its last digit (Wikipedia, "Israeli identity card"; Luhn).</summary>
    public static bool IsIsraeliNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[IsraeliLength]);
        return digits.Length == IsraeliLength && Digits.AreVaried(digits) && Digits.PassLuhn(digits);
    }

    private static int Sum(ReadOnlySpan<int> digits)
    {
        var sum = 0;
        foreach (var digit in digits)
        {
            sum += digit;
        }

        return sum;
    }
}
