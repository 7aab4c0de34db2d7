namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers of telephones and vehicles.</summary>
internal static class DeviceNumbers
{
    private const int ImeiLength = 15;
    private const int FewestImeiKinds = 3;
    private const int VinLength = 17;
    private const int VinCheck = 8;   // where the check digit stands
    private const int VinModulus = 11;
    private const int FewestVinKinds = 5;
    private const char Ten = 'X';

    /// <summary>What letters count, from A on; 0: I, O and Q are not used.</summary>
    private static ReadOnlySpan<byte> VinLetters => [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9];

    private static ReadOnlySpan<byte> VinWeights => [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

    /// <summary>Whether a value is an IMEI of a telephone: its last digit (3GPP TS 23.003, annex B; Wikipedia, "International Mobile Equipment Identity"; Luhn).</summary>
    public static bool IsImei(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[ImeiLength]);
        return digits.Length == ImeiLength && Digits.PassLuhn(digits) && Digits.Kinds(digits) >= FewestImeiKinds;
    }

    /// <summary>Whether a value is a Vehicle Identification Number with the check digit of North America and China (ISO 3779; 49 CFR 565.15; Wikipedia, "Vehicle identification number").</summary>
    public static bool IsVin(ReadOnlySpan<char> value)
    {
        if (value.Length != VinLength)
        {
            return false;
        }

        var code = Letters.CodeOf(value, stackalloc char[VinLength]);
        if (code.Length != VinLength || Letters.Kinds(code) < FewestVinKinds)
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < VinLength; i++)
        {
            var counts = char.IsAsciiDigit(code[i]) ? code[i] - '0' : VinLetters[code[i] - 'A'];
            if (counts == 0 && code[i] != '0')
            {
                return false;
            }

            sum += counts * VinWeights[i];
        }

        var check = sum % VinModulus;
        return code[VinCheck] == (check == 10 ? Ten : '0' + check);
    }
}
