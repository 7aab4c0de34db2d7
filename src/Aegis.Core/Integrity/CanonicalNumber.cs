using System.Globalization;

namespace Aegis.Integrity;

/// <summary>One way to write a JSON number: its digits without zeros at either end, and a power of ten. Exact: no number is rounded.</summary>
internal static class CanonicalNumber
{
    private const int LongestExponent = 9;

    /// <summary>The number in that form, for example <c>-15e-1</c>.</summary>
    /// <param name="raw">A number as JSON writes it.</param>
    /// <exception cref="FormatException">Its exponent is out of all bounds.</exception>
    public static string Of(string raw)
    {
        var isNegative = raw[0] is '-';
        var number = raw.AsSpan(isNegative ? 1 : 0);
        var exponent = 0L;
        if (number.IndexOfAny('e', 'E') is >= 0 and var at)
        {
            var power = number[(at + 1)..];
            if (power.Length > LongestExponent)
            {
                throw new FormatException("an exponent out of bounds");
            }

            exponent = long.Parse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            number = number[..at];
        }

        var point = number.IndexOf('.');
        var whole = point < 0 ? number : number[..point];
        var fraction = point < 0 ? [] : number[(point + 1)..];
        var digits = string.Concat(whole, fraction).AsSpan().TrimStart('0');
        var significant = digits.TrimEnd('0');
        return significant.IsEmpty ? "0" : string.Create(CultureInfo.InvariantCulture, $"{(isNegative ? "-" : "")}{significant}e{exponent - fraction.Length + digits.Length - significant.Length}");
    }
}
