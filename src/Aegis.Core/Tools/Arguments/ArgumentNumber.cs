using System.Globalization;

namespace Aegis.Tools.Arguments;

/// <summary>A number of JSON, exactly.</summary>
internal static class ArgumentNumber
{
    private const int MaxDigits = 28;
    private const int MaxText = 64;

    /// <summary>False for what a decimal cannot hold to the last digit: rounding may carry a value over a bound.</summary>
    public static bool TryRead(string text, out decimal number)
    {
        number = 0;
        if (text.Length > MaxText)
        {
            return false;
        }

        var mantissa = text.AsSpan().IndexOfAny('e', 'E') is >= 0 and var e ? text.AsSpan(0, e) : text.AsSpan();
        var exponent = 0;
        if (mantissa.Length < text.Length && !int.TryParse(text.AsSpan(mantissa.Length + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        var (digits, behind, isBehind) = (0, 0, false);
        foreach (var c in mantissa)
        {
            isBehind |= c == '.';
            behind += isBehind && char.IsAsciiDigit(c) ? 1 : 0;
            digits += char.IsAsciiDigit(c) && (digits > 0 || c != '0') ? 1 : 0;
        }

        return digits == 0
            ? decimal.TryParse(mantissa, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            : digits <= MaxDigits && (long)behind - exponent <= MaxDigits && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }
}
