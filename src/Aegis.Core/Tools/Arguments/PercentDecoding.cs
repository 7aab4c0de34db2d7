using System.Buffers;
using System.Text;

namespace Aegis.Tools.Arguments;

/// <summary>A text in all the layers that percent-decoding finds in it.</summary>
internal static class PercentDecoding
{
    private const int MaxLayers = 4;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text, and what decoding it once more gives; null when it does not end, or gives no text.</summary>
    public static List<string>? Layers(string text)
    {
        var layers = new List<string> { text };
        while (layers[^1] is var last && Next(last) is var (next, isText) && !string.Equals(next, last, StringComparison.Ordinal))
        {
            if (!isText || layers.Count > MaxLayers)
            {
                return null;
            }

            layers.Add(next);
        }

        return layers;
    }

    private static (string Text, bool IsText) Next(string text)
    {
        if (!text.Contains('%'))
        {
            return (text, true);
        }

        var bytes = new List<byte>(text.Length);
        Span<byte> one = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Add((byte)((Value(text[i + 1]) << 4) | Value(text[i + 2])));
                i += 2;
            }
            else if (text[i] == '%' && i + 5 < text.Length && text[i + 1] is 'u' or 'U' && text.AsSpan(i + 2, 4).IndexOfAnyExcept(HexDigits) < 0)
            {
                return ("", false);   // some servers read it as a character, most as a text
            }
            else if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                bytes.AddRange(one[..rune.EncodeToUtf8(one)]);
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                return ("", false);
            }
        }

        try
        {
            return (Strict.GetString([.. bytes]), true);
        }
        catch (DecoderFallbackException)
        {
            return ("", false);   // overlong forms of a dot or a slash among them
        }
    }

    private static int Value(char hex) => char.IsAsciiDigit(hex) ? hex - '0' : (hex | 0x20) - 'a' + 10;
}
