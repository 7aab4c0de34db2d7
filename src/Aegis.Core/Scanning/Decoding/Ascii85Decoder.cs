using System.Buffers;

namespace Aegis.Scanning.Decoding;

/// <summary>Ascii85, as btoa and Adobe write it: five characters from <c>!</c> to <c>u</c> for four bytes, <c>z</c> for four zeros.</summary>
internal sealed class Ascii85Decoder : IDecoder
{
    private const int MinLength = 20;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create([.. Enumerable.Range('!', 'u' - '!' + 1).Select(static c => (char)c), 'z', '~']);

    public void Decode(DecoderInput input)
    {
        foreach (var run in new TokenRuns(input.Text, Alphabet, MinLength))
        {
            var start = input.Text.AsSpan(run.Start).StartsWith("<~") ? run.Start + 2 : run.Start;
            var end = input.Text.IndexOf("~>", start, run.End - start, StringComparison.Ordinal) is >= 0 and var close ? close : run.End;
            if (end - start >= MinLength && Bytes(input.Text.AsSpan(start, end - start)) is { } bytes && ReadableBytes.Read(bytes, input.Budget) is { } text)
            {
                input.Add(text, "Ascii85", new TextRange(start, end));
            }
        }
    }

    /// <summary>The bytes, or null if a group is no number of 32 bits.</summary>
    private static byte[]? Bytes(ReadOnlySpan<char> characters)
    {
        var bytes = new List<byte>(characters.Length * 4 / 5);
        var (value, count) = (0UL, 0);
        foreach (var c in characters)
        {
            if (c == 'z' && count == 0)
            {
                bytes.AddRange([0, 0, 0, 0]);
                continue;
            }

            if (c > 'u')
            {
                return null;
            }

            value = (value * 85) + (uint)(c - '!');
            if (++count == 5)
            {
                if (!Append(value, 4))
                {
                    return null;
                }

                (value, count) = (0, 0);
            }
        }

        if (count > 1)
        {
            for (var i = count; i < 5; i++)
            {
                value = (value * 85) + 84;
            }

            return Append(value, count - 1) ? [.. bytes] : null;
        }

        return [.. bytes];

        bool Append(ulong group, int length)
        {
            if (group > uint.MaxValue)
            {
                return false;
            }

            for (var i = 0; i < length; i++)
            {
                bytes.Add((byte)(group >> (24 - (8 * i))));
            }

            return true;
        }
    }
}
