using System.Numerics;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>The digits of a value, and what checksums make of them. Digits of ASCII only.</summary>
internal static class Digits
{
    private const int Decimal = 10;
    private const int LongestNumber = 9;   // digits that an int holds, whatever they are
    private const int LuhnLargest = 9;

    /// <summary>Digits in order, as people type them who want none in particular.</summary>
    public static ReadOnlySpan<int> Ascending => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0];

    /// <summary>The digits of a value, whatever stands between them.</summary>
    /// <param name="value">The value.</param>
    /// <param name="room">Gets them.</param>
    /// <returns>Them; none if there are more than fit, so that a value that is too long has no length that counts.</returns>
    public static ReadOnlySpan<int> Of(ReadOnlySpan<char> value, Span<int> room)
    {
        var count = 0;
        foreach (var c in value)
        {
            if (!char.IsAsciiDigit(c))
            {
                continue;
            }

            if (count == room.Length)
            {
                return [];
            }

            room[count++] = c - '0';
        }

        return room[..count];
    }

    /// <summary>The next digits that stand side by side.</summary>
    /// <param name="text">A text.</param>
    /// <param name="at">Where they are looked for; becomes the position behind them.</param>
    /// <returns>They; none if there are no more.</returns>
    public static ReadOnlySpan<char> NextRun(ReadOnlySpan<char> text, ref int at)
    {
        while (at < text.Length && !char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text[start..at];
    }

    /// <summary>The number that digits say; nine of them at most.</summary>
    public static int Number(ReadOnlySpan<int> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            number = (number * Decimal) + digit;
        }

        return number;
    }

    /// <summary>Reads a text of one to nine digits and nothing else.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        if (text.Length is 0 or > LongestNumber)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * Decimal) + (c - '0');
        }

        return true;
    }

    /// <summary>What is left of the number that digits say, however long it is, when it is divided.</summary>
    /// <param name="digits">Its digits.</param>
    /// <param name="divisor">What it is divided by.</param>
    /// <param name="before">A number whose digits stand before them.</param>
    public static int Remainder(ReadOnlySpan<int> digits, int divisor, int before = 0)
    {
        var remainder = before % divisor;
        foreach (var digit in digits)
        {
            remainder = ((remainder * Decimal) + digit) % divisor;
        }

        return remainder;
    }

    /// <summary>The sum of digits, each times the weight of its place; the longer of both is cut to the shorter.</summary>
    public static int Sum(ReadOnlySpan<int> digits, ReadOnlySpan<byte> weights)
    {
        var sum = 0;
        for (var i = 0; i < Math.Min(digits.Length, weights.Length); i++)
        {
            sum += digits[i] * weights[i];
        }

        return sum;
    }

    /// <summary>How many different digits there are.</summary>
    public static int Kinds(ReadOnlySpan<int> digits)
    {
        var seen = 0u;
        foreach (var digit in digits)
        {
            seen |= 1u << digit;
        }

        return BitOperations.PopCount(seen);
    }

    /// <summary>Whether there are two different digits: a number of equal ones passes many checksums and is nobody's.</summary>
    public static bool AreVaried(ReadOnlySpan<int> digits) => Kinds(digits) > 1;

    /// <summary>Whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B; Wikipedia, "Luhn algorithm"): every second one from the right counts twice.</summary>
    public static bool PassLuhn(ReadOnlySpan<int> digits)
    {
        var sum = 0;
        for (var i = 1; i <= digits.Length; i++)
        {
            var digit = i % 2 == 0 ? digits[^i] * 2 : digits[^i];
            sum += digit > LuhnLargest ? digit - LuhnLargest : digit;
        }

        return digits.Length > 1 && sum % Decimal == 0;
    }
}
