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

    private static void Decode(DecoderInput input, string encoding, int digits, int numberBase, SearchValues<char> alphabet)
    {
        foreach (var (range, bytes) in Runs(input.Text, digits, numberBase, alphabet))
        {
            if (ReadableBytes.Read(bytes.ToArray(), input.Budget) is { } text)
            {
                input.Add(text, encoding, range);
            }
        }
    }

    /// <summary>Groups of so many digits, with nothing or the same little between them: <c>48 65</c>, <c>48:65</c>, <c>0x48, 0x65</c>.</summary>
    private static IEnumerable<(TextRange Range, List<byte> Bytes)> Runs(string text, int digits, int numberBase, SearchValues<char> alphabet)
    {
        var bytes = new List<byte>();
        var start = 0;
        var last = 0;   // behind the last byte
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
                if (bytes.Count >= MinBytes)
                {
                    yield return (new(start, last), bytes);
                }

                bytes.Clear();
            }
            else
            {
                if (bytes.Count > 0 && !IsSeparator(text.AsSpan(last, i - last)))
                {
                    if (bytes.Count >= MinBytes)
                    {
                        yield return (new(start, last), bytes);
                    }

                    bytes.Clear();
                }

                start = bytes.Count == 0 ? i : start;
                for (var at = i; at < end; at += digits)
                {
                    bytes.Add(numberBase == 16 ? byte.Parse(text.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : Convert.ToByte(text.Substring(at, 8), 2));
                }

                last = end;
            }

            i = end;
        }

        if (bytes.Count >= MinBytes)
        {
            yield return (new(start, last), bytes);
        }
    }

    private static void DecodeNumbers(DecoderInput input)
    {
        var (start, last) = (0, 0);
        var characters = new List<char>();
        foreach (var run in TokenRun.Of(input.Text, DecimalDigits, 2))
        {
            var number = run.End - run.Start <= 3 ? int.Parse(input.Text.AsSpan(run.Start, run.End - run.Start), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
            if (characters.Count > 0 && !(number is (>= 32 and <= 126) or 10 or 13 && IsSeparator(input.Text.AsSpan(last, run.Start - last))) && !Flush())
            {
                return;
            }

            if (number is (>= 32 and <= 126) or 10 or 13)
            {
                start = characters.Count == 0 ? run.Start : start;
                characters.Add((char)number);
                last = run.End;
            }
        }

        Flush();

        bool Flush()
        {
            if (characters.Count >= MinBytes)
            {
                if (!input.Budget.Take(characters.Count))
                {
                    return false;
                }

                input.Add(string.Concat(characters), "decimal", new TextRange(start, last));
            }

            characters.Clear();
            return true;
        }
    }

    private static bool IsPrefix(string text, int i, int numberBase) => numberBase == 16 && text[i] == '0' && i + 2 < text.Length && text[i + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[i + 2]);

    private static bool IsSeparator(ReadOnlySpan<char> between) => between.Length <= 4 && !between.ContainsAnyExcept(Separators);
}
