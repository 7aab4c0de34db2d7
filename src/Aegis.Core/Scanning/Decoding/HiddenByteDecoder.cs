using System.Buffers;

namespace Aegis.Scanning.Decoding;

/// <summary>Bytes as variation selectors, which nobody sees: VS1 to VS16 are 0 to 15, VS17 to VS256 are 16 to 255.</summary>
internal sealed class HiddenByteDecoder : IDecoder
{
    private const int MinBytes = 4;

    private static readonly SearchValues<char> Selectors = SearchValues.Create([.. Enumerable.Range(0xFE00, 16).Select(static value => (char)value), '\uDB40']);   // the last begins those above 16

    public void Decode(DecoderInput input)
    {
        if (!input.Original.AsSpan().ContainsAny(Selectors))
        {
            return;
        }

        var bytes = new List<byte>();
        int start = 0, i = 0;
        foreach (var rune in input.Original.EnumerateRunes())
        {
            if (rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF))
            {
                start = bytes.Count == 0 ? i : start;
                bytes.Add((byte)(rune.Value < 0xE0100 ? rune.Value - 0xFE00 : rune.Value - 0xE0100 + 16));
            }
            else
            {
                Flush(i);
            }

            i += rune.Utf16SequenceLength;
        }

        Flush(i);

        void Flush(int end)
        {
            if (bytes.Count >= MinBytes)
            {
                if (ReadableBytes.Read(bytes.ToArray(), input.Budget) is { } text)
                {
                    input.AddOriginal(text, "variation selectors", new TextRange(start, end));
                }
            }

            bytes.Clear();
        }
    }
}
