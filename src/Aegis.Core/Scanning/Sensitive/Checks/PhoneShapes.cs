using System.Collections.Frozen;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Telephone numbers that do not say their country: groups of digits as people write them, and none that other numbers have. There is no common standard (compare ITU-T E.123).</summary>
internal static class PhoneShapes
{
    private const int FewestDigits = 7;
    private const int MostDigits = 13;
    private const int MostGroups = 5;
    private const int FewestKinds = 3;
    private const int AreaFewest = 9;
    private const int AreaMost = 12;
    private const int AreaKinds = 4;
    private const int YearLength = 4;
    private const int EarliestYear = 1800;
    private const int LatestYear = 2100;
    private const int DateLength = 8;
    private const int Pairs = 2222;       // shapes of which more is known: digits say how long the groups are
    private const int FivePairs = 22222;
    private const int AreaAndNine = 39;

    /// <summary>How long groups are (Wikipedia, "National conventions for writing telephone numbers").</summary>
    private static readonly FrozenSet<int> Shapes = FrozenSet.Create(
        353, 432, 234, 3333, 39, 34, 44, 36, 37, 38, 26, 27, 28, 45, 46, 47, 48, 55, 56, 57, 58, 35, 333, 323, 233, 232, 334, 344, 244, 254, 433, 434, 533, 443, 335, 424, 532,
        2222, 3222, 4222, 5222, 2322, 3322, 4322, 2334, 1334, 2332, 2342, 22222, 12222, 13322, 33322, 23322, 322, 324, 1344, 243, 343, 245);

    /// <summary>Whether a value behind a word for a telephone is a number: groups of usual lengths, and no date, years, amount or digits in order.</summary>
    public static bool IsGrouped(ReadOnlySpan<char> value)
    {
        var text = PhoneNumbers.WithoutExtension(value);
        var digits = Digits.Of(text, stackalloc int[MostDigits]);
        Span<int> room = stackalloc int[MostGroups];
        if (digits.Length < FewestDigits || Digits.Kinds(digits) < FewestKinds || text.Count('(') != text.Count(')') || !TryGroups(text, room, out var count))
        {
            return false;
        }

        var lengths = room[..count];
        var shape = Digits.Number(lengths);
        return Shapes.Contains(shape)
            && (shape != AreaAndNine || text[0] == '(')
            && (digits[0] != 1 || text.Contains('(') || shape is not (34 or 44 or 333 or Pairs or 233 or 232 or 322 or 324))
            && (shape != FivePairs || digits[0] == 0)
            && (shape is not (Pairs or FivePairs) || !AreEvenSteps(digits))
            && !AreYears(digits, lengths)
            && !IsDate(digits, lengths)
            && !IsAmount(text, lengths)
            && Digits.Ascending[1..].IndexOf(digits) < 0;
    }

    /// <summary>Whether digits behind a word for a telephone are a number: seven to thirteen, three different ones, and neither in order nor a date.</summary>
    public static bool IsBare(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[MostDigits]);
        return digits.Length >= FewestDigits
            && Digits.Kinds(digits) >= FewestKinds
            && Digits.Ascending[..^1].IndexOf(digits) < 0
            && !(digits.Length == DateLength && Digits.Number(digits[..2]) is 19 or 20
                && Dates.IsDay(Digits.Number(digits[..4]), Digits.Number(digits[4..6]), Digits.Number(digits[6..])));
    }

    /// <summary>Whether a number with its area in parentheses has nine to twelve digits, four different ones.</summary>
    public static bool HasArea(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[AreaMost]);
        return digits.Length >= AreaFewest && Digits.Kinds(digits) >= AreaKinds;
    }

    /// <summary>Whether a number of a shape that one country has is no pair of years, and has three different digits.</summary>
    public static bool IsPlain(ReadOnlySpan<char> value)
    {
        var at = 0;
        var (wasYear, isYear) = (true, true);   // the last two groups
        while (Digits.NextRun(value, ref at) is { IsEmpty: false } group)
        {
            (wasYear, isYear) = (isYear, group.Length == YearLength && group[..2] is "19" or "20");
        }

        return !(wasYear && isYear) && HasKinds(value);
    }

    private static bool HasKinds(ReadOnlySpan<char> value) => Digits.Kinds(Digits.Of(value, stackalloc int[2 * MostDigits])) >= FewestKinds;

    /// <summary>How long the groups of digits are.</summary>
    private static bool TryGroups(ReadOnlySpan<char> text, Span<int> lengths, out int count)
    {
        var at = 0;
        for (count = 0; Digits.NextRun(text, ref at) is { IsEmpty: false } group; count++)
        {
            if (count == lengths.Length || group.Length > 9)
            {
                return false;
            }

            lengths[count] = group.Length;
        }

        return true;
    }

    /// <summary>Whether pairs of digits go up or down by the same step, as in 10 20 30 40.</summary>
    private static bool AreEvenSteps(ReadOnlySpan<int> digits)
    {
        var step = Digits.Number(digits[2..4]) - Digits.Number(digits[..2]);
        for (var i = 4; i < digits.Length; i += 2)
        {
            if (Digits.Number(digits.Slice(i, 2)) - Digits.Number(digits.Slice(i - 2, 2)) != step)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether two groups are years, or a year and a group that is not as long.</summary>
    private static bool AreYears(ReadOnlySpan<int> digits, ReadOnlySpan<int> lengths) =>
        lengths.Length == 2 && IsYear(digits[..lengths[0]]) && (lengths[1] != YearLength || IsYear(digits[lengths[0]..]));

    private static bool IsYear(ReadOnlySpan<int> digits) => digits.Length == YearLength && Digits.Number(digits) is >= EarliestYear and <= LatestYear;

    /// <summary>Whether groups begin with a year, a month and a day.</summary>
    private static bool IsDate(ReadOnlySpan<int> digits, ReadOnlySpan<int> lengths) => lengths is [YearLength, 2, 2, ..] && Digits.Number(digits[..2]) is 19 or 20;

    /// <summary>Whether dots part two groups or thousands.</summary>
    private static bool IsAmount(ReadOnlySpan<char> text, ReadOnlySpan<int> lengths)
    {
        var hasDot = false;
        foreach (var c in text)
        {
            if (c == '.')
            {
                hasDot = true;
            }
            else if (!char.IsAsciiDigit(c) && c is not ('(' or ')'))
            {
                return false;
            }
        }

        return hasDot && (lengths.Length == 2 || !lengths[1..].ContainsAnyExcept(3));
    }
}
