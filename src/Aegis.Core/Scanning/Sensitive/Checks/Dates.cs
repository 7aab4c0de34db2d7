namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Dates, and dates on which someone may be born.</summary>
internal static class Dates
{
    private const int Months = 12;
    private const int February = 2;
    private const int LeapDay = 29;
    private const int MostDays = 31;
    private const int MostNumbers = 8;   // in a value; it has three
    private const int NoNumber = 9999;   // more than a year has
    private const int YearLength = 4;
    private const int YearsOfCentury = 100;
    private const int FirstCentury = 18;
    private const int ThisCentury = 20;
    private const int EarliestBirth = 1905;
    private const int LatestBirth = 2035;

    private static ReadOnlySpan<byte> DaysOf => [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>Whether there is a day (Wikipedia, "Gregorian calendar").</summary>
    public static bool IsDay(int year, int month, int day) => IsDayOfLeapYear(month, day) && (month != February || day != LeapDay || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));

    /// <summary>Whether there is a day in a year of which only the last two digits are known.</summary>
    public static bool IsDayOfSomeCentury(int year, int month, int day) => IsDayOfLeapYear(month, day) && (month != February || day != LeapDay || year % 4 == 0);

    /// <summary>
    /// Whether a value can be a date of birth: a year from 1905 to 2035 and a day and a month in either order, one number beside the name of a month, or three short
    /// numbers. The shapes are the rule's (compare ISO 8601-1 and Wikipedia, "List of date formats by country").
    /// </summary>
    public static bool IsBirthDate(ReadOnlySpan<char> value)
    {
        Span<int> room = stackalloc int[MostNumbers];
        if (!TryNumbers(value, room, out var count))
        {
            return false;
        }

        var numbers = room[..count];
        return YearOf(value) is { } year
            ? year is >= EarliestBirth and <= LatestBirth && AreDayAndMonth(Without(numbers, year))
            : IsShort(value) && AreDayAndMonth(numbers[..2]);
    }

    private static bool IsDayOfLeapYear(int month, int day) => month is >= 1 and <= Months && day >= 1 && day <= DaysOf[month - 1];

    /// <summary>The numbers of a value, those with too many digits as one that no date has.</summary>
    private static bool TryNumbers(ReadOnlySpan<char> value, Span<int> numbers, out int count)
    {
        var at = 0;
        for (count = 0; Digits.NextRun(value, ref at) is { IsEmpty: false } run; count++)
        {
            if (count == numbers.Length)
            {
                return false;
            }

            numbers[count] = Digits.TryNumber(run, out var number) ? number : NoNumber;
        }

        return true;
    }

    /// <summary>The year in a value: the first if the value begins with it, or the last; null: there is none.</summary>
    private static int? YearOf(ReadOnlySpan<char> value)
    {
        int? year = null;
        for (var at = 0; at + YearLength <= value.Length; at++)
        {
            if (!Digits.TryNumber(value.Slice(at, YearLength), out var number) || number / YearsOfCentury is < FirstCentury or > ThisCentury)
            {
                continue;
            }

            year = number;
            if (at == 0 && number / YearsOfCentury > FirstCentury)
            {
                break;
            }

            at += YearLength - 1;
        }

        return year;
    }

    /// <summary>Whether a value is three numbers of one or two digits, the last of two.</summary>
    private static bool IsShort(ReadOnlySpan<char> value)
    {
        var at = 0;
        for (var part = 0; part < 2; part++)
        {
            var start = at;
            while (at < value.Length && at < start + 2 && char.IsAsciiDigit(value[at]))
            {
                at++;
            }

            if (at == start || at == value.Length || value[at] is not ('.' or '/' or '-'))
            {
                return false;
            }

            at++;
        }

        return value.Length - at == 2 && char.IsAsciiDigit(value[at]) && char.IsAsciiDigit(value[at + 1]);
    }

    /// <summary>The numbers that are not the year; if all are it, all but the first.</summary>
    private static ReadOnlySpan<int> Without(Span<int> numbers, int year)
    {
        var count = 0;
        foreach (var number in numbers)
        {
            if (number != year)
            {
                numbers[count++] = number;
            }
        }

        return count > 0 ? numbers[..count] : numbers[1..];
    }

    private static bool AreDayAndMonth(ReadOnlySpan<int> numbers)
    {
        var least = int.MaxValue;
        foreach (var number in numbers)
        {
            if (number is < 1 or > MostDays)
            {
                return false;
            }

            least = Math.Min(least, number);
        }

        return numbers.Length == 1 || (numbers.Length > 0 && least <= Months);
    }
}
