namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which India, China, Japan, South Korea and Singapore know people.</summary>
internal static class AsianIds
{
    private const int IndianLength = 12;
    private const int ChineseLength = 18;
    private const int ChineseModulus = 11;
    private const int JapaneseLength = 12;
    private const int JapaneseModulus = 11;
    private const int KoreanLength = 13;
    private const int KoreanModulus = 11;
    private const int SingaporeanLength = 9;
    private const int OfThisCentury = 4;   // added to the sum of numbers that begin with T or G
    private const int OfNewcomers = 3;     // and with M
    private const int TenDigits = 10;

    /// <summary>The last character of each remainder.</summary>
    private const string ChineseCharacters = "10X98765432";

    /// <summary>The last letters of citizens, of foreigners, and of foreigners since 2022.</summary>
    private const string CitizenLetters = "JZIHGFEDCBA";
    private const string ForeignLetters = "XWUTRQPNMLK";
    private const string NewcomerLetters = "XWUTRQPNJLK";

    /// <summary>Provinces of China by the first two digits (GB/T 2260; Wikipedia, "Administrative division codes of the People's Republic of China").</summary>
    private static readonly WordSet Provinces = new("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83");

    /// <summary>Products of the dihedral group of order ten, row by row (Wikipedia, "Verhoeff algorithm").</summary>
    private static ReadOnlySpan<byte> Products =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        1, 2, 3, 4, 0, 6, 7, 8, 9, 5,
        2, 3, 4, 0, 1, 7, 8, 9, 5, 6,
        3, 4, 0, 1, 2, 8, 9, 5, 6, 7,
        4, 0, 1, 2, 3, 9, 5, 6, 7, 8,
        5, 9, 8, 7, 6, 0, 4, 3, 2, 1,
        6, 5, 9, 8, 7, 1, 0, 4, 3, 2,
        7, 6, 5, 9, 8, 2, 1, 0, 4, 3,
        8, 7, 6, 5, 9, 3, 2, 1, 0, 4,
        9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ];

    /// <summary>What a digit becomes at each of eight places, row by row.</summary>
    private static ReadOnlySpan<byte> Permutations =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        1, 5, 7, 6, 2, 8, 3, 0, 9, 4,
        5, 8, 0, 3, 7, 9, 6, 1, 4, 2,
        8, 9, 1, 6, 0, 4, 3, 5, 2, 7,
        9, 4, 5, 3, 1, 2, 6, 8, 7, 0,
        4, 2, 8, 6, 5, 7, 3, 9, 0, 1,
        2, 7, 9, 3, 8, 0, 6, 4, 1, 5,
        7, 0, 4, 6, 9, 1, 3, 2, 5, 8,
    ];

    private static ReadOnlySpan<byte> ChineseWeights => [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    private static ReadOnlySpan<byte> JapaneseWeights => [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    private static ReadOnlySpan<byte> KoreanWeights => [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

    private static ReadOnlySpan<byte> SingaporeanWeights => [2, 7, 6, 5, 4, 3, 2];

    /// <summary>Whether a value is an Aadhaar number of India: it begins with 2 to 9, reads otherwise from behind, and the last digit (UIDAI; Wikipedia, "Aadhaar" and "Verhoeff algorithm").</summary>
    public static bool IsAadhaar(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[IndianLength]);
        return digits.Length == IndianLength && digits[0] >= 2 && !IsPalindrome(digits) && PassVerhoeff(digits);
    }

    /// <summary>Whether a value is a resident identity number of China: the province, the date of birth, and the last character (GB 11643-1999; ISO/IEC 7064, MOD 11-2; Wikipedia, "Resident Identity Card").</summary>
    public static bool IsChineseNumber(ReadOnlySpan<char> value)
    {
        if (value.Length != ChineseLength)
        {
            return false;
        }

        var digits = Digits.Of(value[..^1], stackalloc int[ChineseLength - 1]);
        return digits.Length == ChineseLength - 1
            && Provinces.Contains(value[..2])
            && Dates.IsDay(Digits.Number(digits[6..10]), Digits.Number(digits[10..12]), Digits.Number(digits[12..14]))
            && ChineseCharacters[Digits.Sum(digits, ChineseWeights) % ChineseModulus] == Letters.Upper(value[^1]);
    }

    /// <summary>Whether a value is an Individual Number of Japan: its last digit (Ministerial Ordinance 85 of 2014; Wikipedia, "Individual Number").</summary>
    public static bool IsJapaneseNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[JapaneseLength]);
        if (digits.Length != JapaneseLength || !Digits.AreVaried(digits))
        {
            return false;
        }

        var remainder = Digits.Sum(digits, JapaneseWeights) % JapaneseModulus;
        return (remainder < 2 ? 0 : JapaneseModulus - remainder) == digits[^1];
    }

    /// <summary>Whether a value can be a resident registration number of South Korea: the date of birth, whose century the seventh digit says. Those given since October 2020 have no checksum.</summary>
    public static bool IsKoreanNumber(ReadOnlySpan<char> value) => IsKoreanDate(Digits.Of(value, stackalloc int[KoreanLength]));

    /// <summary>Whether a value is a resident or foreign registration number of South Korea: the date of birth, and the last digit (Wikipedia, "Resident registration number").</summary>
    public static bool IsCheckedKoreanNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[KoreanLength]);
        if (!IsKoreanDate(digits))
        {
            return false;
        }

        var remainder = Digits.Sum(digits, KoreanWeights) % KoreanModulus;
        return (KoreanModulus - remainder) % 10 == digits[^1]
            || (digits[6] is >= 5 and <= 8 && (KoreanModulus + 2 - remainder) % 10 == digits[^1]);   // foreigners
    }

    /// <summary>Whether a value is an NRIC or FIN of Singapore: its last letter (Wikipedia, "National Registration Identity Card").</summary>
    public static bool IsSingaporeanNumber(ReadOnlySpan<char> value)
    {
        if (value.Length != SingaporeanLength)
        {
            return false;
        }

        var digits = Digits.Of(value[1..^1], stackalloc int[SingaporeanLength - 2]);
        if (digits.Length != SingaporeanLength - 2 || !Digits.AreVaried(digits))
        {
            return false;
        }

        var (added, letters) = Letters.Upper(value[0]) switch
        {
            'S' => (0, CitizenLetters),
            'T' => (OfThisCentury, CitizenLetters),
            'F' => (0, ForeignLetters),
            'G' => (OfThisCentury, ForeignLetters),
            'M' => (OfNewcomers, NewcomerLetters),
            _ => (0, NewcomerLetters),
        };
        return letters[(Digits.Sum(digits, SingaporeanWeights) + added) % letters.Length] == Letters.Upper(value[^1]);
    }

    private static bool IsPalindrome(ReadOnlySpan<int> digits)
    {
        for (var i = 0; i < digits.Length / 2; i++)
        {
            if (digits[i] != digits[^(i + 1)])
            {
                return false;
            }
        }

        return true;
    }

    private static bool PassVerhoeff(ReadOnlySpan<int> digits)
    {
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            check = Products[(check * TenDigits) + Permutations[(i % 8 * TenDigits) + digits[^(i + 1)]]];
        }

        return check == 0;
    }

    private static bool IsKoreanDate(ReadOnlySpan<int> digits)
    {
        if (digits.Length != KoreanLength)
        {
            return false;
        }

        var century = digits[6] switch
        {
            9 or 0 => 1800,
            1 or 2 or 5 or 6 => 1900,
            _ => 2000,
        };
        return Dates.IsDay(century + Digits.Number(digits[..2]), Digits.Number(digits[2..4]), Digits.Number(digits[4..6]));
    }
}
