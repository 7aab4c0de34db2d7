namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which the United Kingdom knows people.</summary>
internal static class BritishIds
{
    private const int InsuranceLength = 9;
    private const int HealthLength = 10;
    private const int HealthModulus = 11;
    private const int NoDigit = 10;   // numbers that would need it are not given

    /// <summary>Prefixes that are never given (HM Revenue &amp; Customs, National Insurance Manual NIM39110).</summary>
    private static readonly WordSet NoPrefixes = new("BG GB NK KN TN NT ZZ");

    private static ReadOnlySpan<byte> HealthWeights => [10, 9, 8, 7, 6, 5, 4, 3, 2];

    /// <summary>Whether a value can be a National Insurance number: a prefix that is given, and digits that are not all equal (Wikipedia, "National Insurance number"). It has no checksum.</summary>
    public static bool IsNationalInsuranceNumber(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[InsuranceLength]);
        return code.Length == InsuranceLength && !NoPrefixes.Contains(code[..2]) && Letters.Kinds(code[2..8]) > 1;
    }

    /// <summary>Whether a value is a number of the National Health Service: its last digit (NHS Data Dictionary, "NHS number"; Wikipedia, "NHS number").</summary>
    public static bool IsHealthServiceNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[HealthLength]);
        if (digits.Length != HealthLength || !Digits.AreVaried(digits))
        {
            return false;
        }

        var check = HealthModulus - (Digits.Sum(digits, HealthWeights) % HealthModulus);
        return check != NoDigit && check % HealthModulus == digits[9];
    }
}
