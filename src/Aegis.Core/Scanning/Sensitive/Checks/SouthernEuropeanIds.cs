namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which Spain, Italy and Portugal know people.</summary>
internal static class SouthernEuropeanIds
{
    private const int SpanishLength = 9;
    private const int ItalianLength = 16;
    private const int ItalianDay = 9;       // where the day of birth begins
    private const int OfWomen = 40;         // added to the day
    private const int LettersOfAlphabet = 26;
    private const int PortugueseLength = 9;
    private const int PortugueseModulus = 11;

    /// <summary>The letter of each remainder.</summary>
    private const string SpanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

    /// <summary>Letters that stand for digits where two people would have one code.</summary>
    private const string ItalianDigits = "LMNPQRSTUV";

    /// <summary>What characters count at odd places: the digits, and, the same for the first ten, the letters.</summary>
    private static ReadOnlySpan<byte> ItalianOdd => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

    private static ReadOnlySpan<byte> PortugueseWeights => [9, 8, 7, 6, 5, 4, 3, 2];

    /// <summary>Whether a value is a DNI or a NIE of Spain: its last letter (Ministerio del Interior; Wikipedia, "Documento nacional de identidad (España)").</summary>
    public static bool IsSpanishNumber(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[SpanishLength]);
        if (code.Length != SpanishLength)
        {
            return false;
        }

        Span<char> plain = stackalloc char[SpanishLength - 1];
        code[..^1].CopyTo(plain);
        if (plain[0] is 'X' or 'Y' or 'Z')
        {
            plain[0] = (char)(plain[0] - 'X' + '0');
        }

        var digits = Digits.Of(plain, stackalloc int[SpanishLength - 1]);
        return digits.Length == plain.Length && Digits.AreVaried(digits) && SpanishLetters[Digits.Remainder(digits, SpanishLetters.Length)] == code[^1];
    }

    /// <summary>Whether a value is a codice fiscale of Italy: the day of birth, and the last letter (Decreto ministeriale 23 dicembre 1976; Wikipedia, "Codice fiscale").</summary>
    public static bool IsItalianCode(ReadOnlySpan<char> value)
    {
        if (value.Length != ItalianLength || !TryDigit(value[ItalianDay], out var tens) || !TryDigit(value[ItalianDay + 1], out var ones))
        {
            return false;
        }

        var day = (tens * 10) + ones;
        if ((day > OfWomen ? day - OfWomen : day) is < 1 or > 31)
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < ItalianLength - 1; i++)
        {
            var c = Letters.Upper(value[i]);
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }

            var counts = char.IsAsciiDigit(c) ? c - '0' : c - 'A';
            sum += i % 2 == 0 ? ItalianOdd[counts] : counts;
        }

        return (sum % LettersOfAlphabet) + 'A' == Letters.Upper(value[^1]);
    }

    /// <summary>Whether a value is a NIF of Portugal: a kind that is given, and the last digit (Wikipedia, "Número de identificação fiscal").</summary>
    public static bool IsPortugueseNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[PortugueseLength]);
        if (digits.Length != PortugueseLength || !Digits.AreVaried(digits) || !IsPortugueseKind(digits[0], digits[1]))
        {
            return false;
        }

        var check = PortugueseModulus - (Digits.Sum(digits, PortugueseWeights) % PortugueseModulus);
        return (check > 9 ? 0 : check) == digits[^1];
    }

    private static bool IsPortugueseKind(int first, int second) => first switch
    {
        0 => false,
        4 => second == 5,
        7 => second is not (3 or 6),
        _ => true,
    };

    private static bool TryDigit(char c, out int digit)
    {
        digit = char.IsAsciiDigit(c) ? c - '0' : ItalianDigits.IndexOf(Letters.Upper(c), StringComparison.Ordinal);
        return digit >= 0;
    }
}
