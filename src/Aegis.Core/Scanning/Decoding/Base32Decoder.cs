using System.Buffers;

namespace Aegis.Scanning.Decoding;

/// <summary>Base32 (RFC 4648, section 6).</summary>
internal sealed class Base32Decoder : IDecoder
{
    private const int MinLength = 16;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

    public void Decode(DecoderInput input)
    {
        foreach (var run in new TokenRuns(input.Text, Alphabet, MinLength))
        {
            if (ReadableBytes.Read(Bytes(input.Text.AsSpan(run.Start, run.End - run.Start)), input.Budget) is { } text)
            {
                input.Add(text, "Base32", run);
            }
        }
    }

    private static byte[] Bytes(ReadOnlySpan<char> characters)
    {
        var bytes = new byte[characters.Length * 5 / 8];
        var (buffer, bits, count) = (0, 0, 0);
        foreach (var c in characters)
        {
            buffer = ((buffer << 5) | (c >= 'A' ? c - 'A' : c - '2' + 26)) & 0xFFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[count++] = (byte)(buffer >> bits);
            }
        }

        return bytes;
    }
}
