using System.Buffers;
using System.Text;

namespace Aegis.Flow;

/// <summary>A text as it is, and as it reads once percent-encoding, Base64 and hexadecimal digits are decoded, at most twice.</summary>
internal static class Encodings
{
    /// <summary>Characters that are read.</summary>
    public const int MaxText = 262_144;
    private const int MinEncoded = 8;
    private const int Layers = 2;

    private static readonly SearchValues<char> Ends = SearchValues.Create(" \n\t\"'<>(),;&?=:{}[]|");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IEnumerable<string> Readings(string text)
    {
        var reading = text.Length > MaxText ? text[..MaxText] : text;
        yield return reading;
        for (var layer = 0; layer < Layers; layer++)
        {
            if (Decoded(reading) is not { } decoded)
            {
                yield break;
            }

            yield return reading = decoded;
        }
    }

    private static string? Decoded(string text)
    {
        var decoded = new StringBuilder();
        if (text.Contains('%', StringComparison.Ordinal) || text.Contains('+', StringComparison.Ordinal))
        {
            var unescaped = Uri.UnescapeDataString(text.Replace('+', ' '));
            if (!string.Equals(unescaped, text, StringComparison.Ordinal))
            {
                decoded.Append(unescaped).Append('\n');
            }
        }

        foreach (var range in text.AsSpan().SplitAny(Ends))
        {
            var token = text.AsSpan(range);
            Append(decoded, token);
            if (token.ContainsAny('/', '.'))   // both may stand in Base64, or between parts of an address
            {
                foreach (var part in token.SplitAny('/', '.'))
                {
                    Append(decoded, token[part]);
                }
            }
        }

        return decoded.Length > 0 ? decoded.ToString() : null;
    }

    private static void Append(StringBuilder decoded, ReadOnlySpan<char> token)
    {
        if (token.Length >= MinEncoded && (FromHex(token) ?? FromBase64(token)) is { } inner)
        {
            decoded.Append(inner).Append('\n');
        }
    }

    private static string? FromHex(ReadOnlySpan<char> token)
    {
        if (token.Length % 2 != 0 || token.ContainsAnyExcept(HexDigits))
        {
            return null;
        }

        return Readable(Convert.FromHexString(token));
    }

    private static string? FromBase64(ReadOnlySpan<char> token)
    {
        var standard = token.TrimEnd('=').ToString().Replace('-', '+').Replace('_', '/');
        var padded = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? Readable(bytes.AsSpan(0, length)) : null;
    }

    private static string? Readable(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = Strict.GetString(bytes);
            return text.AsSpan().ContainsAnyInRange('\0', '\u0008') ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
