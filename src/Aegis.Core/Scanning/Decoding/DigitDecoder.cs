using System.Buffers;
using System.Globalization;

namespace Aegis.Scanning.Decoding;

/// <summary>Bytes as hexadecimal or binary digits, together or apart, and characters as decimal numbers.</summary>
internal sealed class DigitDecoder : IDecoder
{
    private const int MinBytes = 8;

    private static readonly SearchValues<char> HexadecimalDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> DecimalDigits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> BinaryDigits = SearchValues.Create("01");
    private static readonly SearchValues<char> Separators = SearchValues.Create(" ,:;-.|$#\"'\n\r\t\\0xX");

    public void Decode(DecoderInput input)
    {
        Decode(input, "hexadecimal", 2, 16, HexadecimalDigits);
        Decode(input, "binary", 8, 2, BinaryDigits);
        DecodeNumbers(input);
    }

    /// <summary>Groups of so many digits, with nothing or the same little between them: <c>48 65</c>, <c>48:65</c>, <c>0x48, 0x65</c>.</summary>
    private static void Decode(DecoderInput input, string encoding, int digits, int numberBase, SearchValues<char> alphabet)
    {
        var text = input.Text;
        var bytes = ArrayPool<byte>.Shared.Rent((text.Length / digits) + 1);
        var (count, start, last) = (0, 0, 0);   // last: behind the last byte
        for (var i = 0; i < text.Length;)
        {
            var next = text.AsSpan(i).IndexOfAny(alphabet);
            if (next < 0)
            {
                break;
            }

            i += next;
            if (IsPrefix(text, i, numberBase))
            {
                i += 2;
                continue;
            }

            var end = i;
            while (end < text.Length && alphabet.Contains(text[end]) && !IsPrefix(text, end, numberBase))
            {
                end++;
            }

            if ((end - i) % digits != 0)
            {
                Flush();
            }
            else
            {
                if (count > 0 && !IsSeparator(text.AsSpan(last, i - last)))
                {
                    Flush();
                }

                start = count == 0 ? i : start;
                for (var at = i; at < end; at += digits)
                {
                    bytes[count++] = byte.Parse(text.AsSpan(at, digits), numberBase == 16 ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture);
                }

                last = end;
            }

            i = end;
        }

        Flush();
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);

        void Flush()
        {
            if (count >= MinBytes && ReadableBytes.Read(bytes.AsSpan(0, count), input.Budget) is { } decoded)
            {
                input.Add(decoded, encoding, new TextRange(start, last));
            }

            count = 0;
        }
    }

    private static void DecodeNumbers(DecoderInput input)
    {
        var (count, start, last) = (0, 0, 0);
        var characters = ArrayPool<char>.Shared.Rent((input.Text.Length / 2) + 1);
        foreach (var run in new TokenRuns(input.Text, DecimalDigits, 2))
        {
            var number = run.End - run.Start <= 3 ? int.Parse(input.Text.AsSpan(run.Start, run.End - run.Start), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
            if (count > 0 && !(number is (>= 32 and <= 126) or 10 or 13 && IsSeparator(input.Text.AsSpan(last, run.Start - last))) && !Flush())
            {
                break;
            }

            if (number is (>= 32 and <= 126) or 10 or 13)
            {
                start = count == 0 ? run.Start : start;
                characters[count++] = (char)number;
                last = run.End;
            }
        }

        Flush();
        ArrayPool<char>.Shared.Return(characters, clearArray: true);

        bool Flush()
        {
            var isLong = count >= MinBytes;
            var isPaid = isLong && input.Budget.Take(count);
            if (isPaid)
            {
                input.Add(new string(characters, 0, count), "decimal", new TextRange(start, last));
            }

            count = 0;
            return !isLong || isPaid;
        }
    }

    private static bool IsPrefix(string text, int i, int numberBase) => numberBase == 16 && text[i] == '0' && i + 2 < text.Length && text[i + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[i + 2]);

    private static bool IsSeparator(ReadOnlySpan<char> between) => between.Length <= 4 && !between.ContainsAnyExcept(Separators);
}
