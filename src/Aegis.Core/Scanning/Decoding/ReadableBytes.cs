using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace Aegis.Scanning.Decoding;

/// <summary>Bytes that are a text: UTF-8, UTF-16 as Windows writes it, or one of them compressed.</summary>
internal static class ReadableBytes
{
    private const int MinBytes = 8;
    private const long MaxRatio = 1_032;   // of DEFLATE: what a few bytes can become, so that many heads of archives do not cost the budget's memory each

    private static readonly UnicodeEncoding Utf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>The longest text in it, or null. It is paid for.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes, DecodingBudget budget)
    {
        var text = bytes switch
        {
            [0x1F, 0x8B, ..] => Unpack(bytes, budget, static stream => new GZipStream(stream, CompressionMode.Decompress)),
            [0x78, 0x01 or 0x5E or 0x9C or 0xDA, ..] => Unpack(bytes, budget, static stream => new ZLibStream(stream, CompressionMode.Decompress)) ?? Plain(bytes),
            _ => Plain(bytes),
        };
        return text is not null && budget.Take(text.Length) ? text : null;
    }

    private static string? Plain(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= MinBytes && bytes.Length % 2 == 0 && bytes[1] == 0 && bytes[3] == 0)
        {
            try
            {
                return Utf16.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }

        var (start, length, letters) = Longest(bytes);
        return length >= MinBytes && letters * 2 >= length ? Encoding.UTF8.GetString(bytes.Slice(start, length)) : null;
    }

    /// <summary>The longest run of whole characters without control characters, and how many of its bytes are of letters or digits.</summary>
    private static (int Start, int Length, int Letters) Longest(ReadOnlySpan<byte> bytes)
    {
        var best = default((int Start, int Length, int Letters));
        var (start, letters) = (0, 0);
        for (var i = 0; i < bytes.Length;)
        {
            var isWhole = Rune.DecodeFromUtf8(bytes[i..], out var rune, out var consumed) == OperationStatus.Done;
            i += consumed;
            if (!isWhole || (Rune.IsControl(rune) && rune.Value is not ('\t' or '\r' or '\n')))
            {
                (start, letters) = (i, 0);
                continue;
            }

            letters += Rune.IsLetterOrDigit(rune) ? consumed : 0;
            if (i - start > best.Length)
            {
                best = (start, i - start, letters);
            }
        }

        return best;
    }

    /// <summary>What fits into the budget.</summary>
    private static string? Unpack(ReadOnlySpan<byte> bytes, DecodingBudget budget, Func<Stream, Stream> open)
    {
        try
        {
            using var stream = open(new MemoryStream(bytes.ToArray(), writable: false));
            var buffer = new byte[(int)Math.Min(budget.Left, bytes.Length * MaxRatio)];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length == budget.Left && stream.ReadByte() >= 0)
            {
                budget.Overrun();
            }

            return Plain(buffer.AsSpan(0, length));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
