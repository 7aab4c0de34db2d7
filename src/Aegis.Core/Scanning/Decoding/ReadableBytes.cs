using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace Aegis.Scanning.Decoding;

/// <summary>Bytes that are a text: UTF-8, UTF-16 as Windows writes it, or one of them compressed.</summary>
internal static class ReadableBytes
{
    private const int MinBytes = 8;
    private const int Telling = 24;        // bytes that are no text by chance
    private const long MaxRatio = 1_032;   // of DEFLATE: what a few bytes can become, so that many heads of archives do not cost the budget's memory each

    private static readonly UnicodeEncoding Utf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>The text in it, or null. It is paid for.</summary>
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
        var wide = bytes.Length < MinBytes ? null : bytes switch
        {
            [0xFF, 0xFE, ..] or [_, 0, _, 0, ..] => Wide(bytes, Utf16),
            [0xFE, 0xFF, ..] or [0, _, 0, _, ..] => Wide(bytes, Utf16BigEndian),
            _ => null,
        };
        var narrow = Narrow(bytes);
        return wide is null || narrow is null ? wide ?? narrow : $"{wide}\n{narrow}";   // a few such bytes in front do not make the rest it
    }

    private static string? Wide(ReadOnlySpan<byte> bytes, UnicodeEncoding encoding)
    {
        try
        {
            return encoding.GetString(bytes[..(bytes.Length & ~1)]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The runs of whole characters that are long enough, control characters as blanks, if half of what is not the same again and again are letters or digits.</summary>
    private static string? Narrow(ReadOnlySpan<byte> bytes)
    {
        var text = default(StringBuilder);
        var (start, all, letters, last) = (0, 0, 0, -1);
        var (kept, longest) = (0, 0);
        for (var i = 0; i <= bytes.Length;)
        {
            var isWhole = Rune.DecodeFromUtf8(bytes[i..], out var rune, out var consumed) == OperationStatus.Done;
            if (!isWhole)
            {
                Keep(bytes[start..i]);
                i += Math.Max(1, consumed);
                (start, last) = (i, -1);
                continue;
            }

            i += consumed;
            if (rune.Value != last && !Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune))
            {
                all += consumed;
                letters += Rune.IsLetterOrDigit(rune) ? consumed : 0;
            }

            last = rune.Value;
        }

        return text is not null && letters * 2 >= all && (longest >= Telling || kept * 2 >= bytes.Length) ? text.ToString() : null;

        void Keep(ReadOnlySpan<byte> run)
        {
            if (run.Length < MinBytes)
            {
                return;
            }

            kept += run.Length;
            longest = Math.Max(longest, run.Length);
            text = text is null ? new() : text.Append('\n');
            foreach (var c in Encoding.UTF8.GetString(run))
            {
                text.Append(char.IsControl(c) ? ' ' : c);
            }
        }
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
