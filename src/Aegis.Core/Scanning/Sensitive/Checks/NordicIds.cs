namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers by which Sweden, Norway, Denmark and Finland know people.</summary>
internal static class NordicIds
{
    private const int SwedishLength = 10;
    private const int LongSwedishLength = 12;   // with the century
    private const int Coordination = 60;        // added to the day of people who are not residents
    private const int NorwegianLength = 11;
    private const int NorwegianModulus = 11;
    private const int OfTemporary = 40;         // added to the day of people who are not residents, or to the month by hospitals
    private const int OfTests = 80;             // added to the month of people who do not exist
    private const int DanishLength = 10;
    private const int FinnishLength = 11;
    private const int FinnishSign = 6;          // where the sign of the century stands
    private const int FirstFinn = 2;

    /// <summary>The character of each remainder.</summary>
    private const string FinnishCharacters = "0123456789ABCDEFHJKLMNPRSTUVWXY";

    private static ReadOnlySpan<byte> FirstNorwegianWeights => [3, 7, 6, 1, 8, 9, 4, 5, 2];

    private static ReadOnlySpan<byte> SecondNorwegianWeights => [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    /// <summary>Whether a value is a personnummer or samordningsnummer of Sweden: the date of birth, and the last digit (Skatteverket, SKV 704; Wikipedia, "Personal identity number (Sweden)"; Luhn).</summary>
    public static bool IsSwedishNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[LongSwedishLength]);
        if (digits.Length is not (SwedishLength or LongSwedishLength))
        {
            return false;
        }

        var number = digits[^SwedishLength..];
        var (month, day) = (Digits.Number(number[2..4]), Digits.Number(number[4..6]));
        day -= day > Coordination ? Coordination : 0;
        return (digits.Length == SwedishLength ? Dates.IsDayOfSomeCentury(Digits.Number(number[..2]), month, day) : Dates.IsDay(Digits.Number(digits[..4]), month, day))
            && Digits.Number(number[6..9]) != 0
            && Digits.PassLuhn(number);
    }

    /// <summary>Whether a value is a fødselsnummer or D-nummer of Norway: the date of birth with its century's serials, and the last two digits (Skatteetaten; Wikipedia, "National identity number (Norway)").</summary>
    public static bool IsNorwegianNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[NorwegianLength]);
        if (digits.Length != NorwegianLength)
        {
            return false;
        }

        var (day, month, year) = (Digits.Number(digits[..2]), Digits.Number(digits[2..4]), Digits.Number(digits[4..6]));
        day -= day > OfTemporary ? OfTemporary : 0;
        month -= month > OfTests ? OfTests : month > OfTemporary ? OfTemporary : 0;
        return IsNorwegianSerial(Digits.Number(digits[6..9]), year)
            && Dates.IsDayOfSomeCentury(year, month, day)
            && NorwegianDigit(Digits.Sum(digits, FirstNorwegianWeights)) == digits[9]
            && NorwegianDigit(Digits.Sum(digits, SecondNorwegianWeights)) == digits[10];
    }

    /// <summary>Whether a value can be a CPR number of Denmark: the date of birth, and a serial (Wikipedia, "Personal identification number (Denmark)"). Since 2007 it has no checksum.</summary>
    public static bool IsDanishNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[DanishLength]);
        return digits.Length == DanishLength
            && Dates.IsDayOfSomeCentury(Digits.Number(digits[4..6]), Digits.Number(digits[2..4]), Digits.Number(digits[..2]))
            && Digits.Number(digits[6..]) != 0;
    }

    /// <summary>Whether a value is a henkilötunnus of Finland: the date of birth, whose century a sign says, and the last character (Digital and Population Data Services Agency; Wikipedia, "National identification number", Finland).</summary>
    public static bool IsFinnishCode(ReadOnlySpan<char> value)
    {
        if (value.Length != FinnishLength)
        {
            return false;
        }

        var digits = Digits.Of(value[..^1], stackalloc int[FinnishLength - 2]);
        if (digits.Length != FinnishLength - 2 || char.IsAsciiDigit(value[FinnishSign]))
        {
            return false;
        }

        var century = Letters.Upper(value[FinnishSign]) switch
        {
            '+' => 1800,
            '-' or (>= 'U' and <= 'Y') => 1900,
            _ => 2000,
        };
        return Dates.IsDay(century + Digits.Number(digits[4..6]), Digits.Number(digits[2..4]), Digits.Number(digits[..2]))
            && Digits.Number(digits[6..]) >= FirstFinn
            && FinnishCharacters[Digits.Remainder(digits, FinnishCharacters.Length)] == Letters.Upper(value[^1]);
    }

    /// <summary>Serials from 500 on were given to those born in 1854 to 1899, 1940 to 1999 (from 900) and from 2000 to 2039.</summary>
    private static bool IsNorwegianSerial(int serial, int year) => serial < 500 || (serial <= 749 && year >= 54) || year <= 39 || (serial >= 900 && year >= 40);

    private static int NorwegianDigit(int sum) => (NorwegianModulus - (sum % NorwegianModulus)) % NorwegianModulus;
}
