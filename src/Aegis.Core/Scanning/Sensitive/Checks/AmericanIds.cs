namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which states of the Americas know people and companies.</summary>
internal static class AmericanIds
{
    private const int SocialLength = 9;
    private const int FirstTaxpayerArea = 900;
    private const int NoArea = 666;
    private const int CurpLength = 18;
    private const int CpfLength = 11;
    private const int CnpjLength = 14;
    private const int BrazilianBase = 11;   // modulus of both Brazilian numbers

    /// <summary>Characters by what they count in a CURP.</summary>
    private const string CurpValues = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";

    /// <summary>States of Mexico, and NE for people born abroad (Wikipedia, "Unique Population Registry Code").</summary>
    private static readonly WordSet MexicanStates = new("AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ YN ZS");

    /// <summary>Weights of the second check digit; the first has all but the first of them.</summary>
    private static ReadOnlySpan<byte> CpfWeights => [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];

    /// <summary>Weights of the second check digit; the first has all but the first of them.</summary>
    private static ReadOnlySpan<byte> CnpjWeights => [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];

    /// <summary>Whether a value can be a Social Security number of the United States: no area, group or serial that is never given (Social Security Administration, POMS RM 10201.035; Wikipedia, "Social Security number").</summary>
    public static bool IsSocialSecurityNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[SocialLength]);
        return digits.Length == SocialLength
            && Digits.Number(digits[..3]) is not (0 or NoArea or >= FirstTaxpayerArea)
            && Digits.Number(digits[3..5]) != 0
            && Digits.Number(digits[5..]) != 0
            && Digits.AreVaried(digits);
    }

    /// <summary>Whether a value can be an Individual Taxpayer Identification Number of the United States: its first digit and group (Internal Revenue Service, Publication 4757; Wikipedia, "Individual Taxpayer Identification Number").</summary>
    public static bool IsTaxpayerNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[SocialLength]);
        return digits.Length == SocialLength
            && Digits.Number(digits[..3]) >= FirstTaxpayerArea
            && Digits.Number(digits[3..5]) is (>= 50 and <= 65) or (>= 70 and <= 88) or (>= 90 and <= 92) or (>= 94 and <= 99)
            && Digits.Number(digits[5..]) != 0;
    }

    /// <summary>Whether a value is a Social Insurance Number of Canada: a first digit that is given, and the last digit (Wikipedia, "Social insurance number"; Luhn).</summary>
    public static bool IsSocialInsuranceNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[SocialLength]);
        return digits.Length == SocialLength && digits[0] is not (0 or 8) && Digits.AreVaried(digits) && Digits.PassLuhn(digits);
    }

    /// <summary>Whether a value is a CURP of Mexico: the date of birth, the state, and the last digit (Wikipedia, "Unique Population Registry Code"; weights 18 to 2).</summary>
    public static bool IsCurp(ReadOnlySpan<char> value)
    {
        if (value.Length != CurpLength || !char.IsAsciiDigit(value[^1])
            || !Digits.TryNumber(value[4..6], out var year) || !Digits.TryNumber(value[6..8], out var month) || !Digits.TryNumber(value[8..10], out var day))
        {
            return false;
        }

        Span<char> state = [Letters.Upper(value[11]), Letters.Upper(value[12])];
        var century = char.IsAsciiDigit(value[16]) ? 1900 : 2000;
        if (!MexicanStates.Contains(state) || !Dates.IsDay(century + year, month, day))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < CurpLength - 1; i++)
        {
            var counts = CurpValues.IndexOf(Letters.Upper(value[i]), StringComparison.Ordinal);
            if (counts < 0)
            {
                return false;
            }

            sum += (CurpLength - i) * counts;
        }

        return (10 - (sum % 10)) % 10 == value[^1] - '0';
    }

    /// <summary>Whether a value is a CPF of Brazil: its two check digits (Receita Federal; Wikipedia, "CPF number").</summary>
    public static bool IsCpf(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[CpfLength]);
        return digits.Length == CpfLength
            && Digits.AreVaried(digits)
            && Digits.Sum(digits, CpfWeights[1..]) * 10 % BrazilianBase % 10 == digits[9]
            && Digits.Sum(digits, CpfWeights) * 10 % BrazilianBase % 10 == digits[10];
    }

    /// <summary>
    /// Whether a value is a CNPJ of Brazil, with letters as from 2026 on: its two check digits (Receita Federal, Instrução Normativa RFB 2.229/2024; Wikipedia,
    /// "CNPJ"). Characters count as many as they stand behind 0 in ASCII.
    /// </summary>
    public static bool IsCnpj(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[CnpjLength]);
        if (code.Length != CnpjLength || Letters.Kinds(code) < 2 || !char.IsAsciiDigit(code[12]) || !char.IsAsciiDigit(code[13]))
        {
            return false;
        }

        Span<int> counts = stackalloc int[CnpjLength];
        for (var i = 0; i < code.Length; i++)
        {
            counts[i] = code[i] - '0';
        }

        return CnpjDigit(Digits.Sum(counts, CnpjWeights[1..])) == counts[12] && CnpjDigit(Digits.Sum(counts, CnpjWeights)) == counts[13];
    }

    private static int CnpjDigit(int sum) => sum % BrazilianBase < 2 ? 0 : BrazilianBase - (sum % BrazilianBase);
}
