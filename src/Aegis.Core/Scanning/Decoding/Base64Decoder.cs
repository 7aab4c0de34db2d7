using System.Buffers;

namespace Aegis.Scanning.Decoding;

/// <summary>Base64 and its form for URLs (RFC 4648, sections 4 and 5), also in lines or groups of one length, behind a prefix, and compressed.</summary>
internal sealed class Base64Decoder : IDecoder
{
    private const int MinLength = 12;
    private const int MinGroup = 4;
    private const string Encoding = "Base64";

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");

    public void Decode(DecoderInput input)
    {
        var read = 0;   // up to where groups were read, so that nothing is paid for twice
        using var runs = TokenRun.Of(input.Text, Alphabet, MinLength).GetEnumerator();
        var hasRun = runs.MoveNext();
        foreach (var (range, joined) in TokenRun.Grouped(input.Text, Alphabet, MinGroup))
        {
            for (; hasRun && runs.Current.Start < range.Start; hasRun = runs.MoveNext())
            {
                ReadAlone(runs.Current);
            }

            if (joined < MinLength)
            {
                continue;
            }

            var first = hasRun && runs.Current.Start == range.Start ? runs.Current : new(range.Start, range.Start);
            var length = first.End - first.Start;
            if (length > 0 && joined - length < MinLength && Read(first, input))
            {
                read = range.End;   // a word behind a token is no line of it
            }
            else if (Read(range, input) && length > 0 && length % 4 == 0)
            {
                read = range.End;   // its lines spell nothing else
            }
        }

        for (; hasRun; hasRun = runs.MoveNext())
        {
            ReadAlone(runs.Current);
        }

        void ReadAlone(TextRange run)
        {
            if (run.Start >= read)
            {
                Read(run, input);
            }
        }
    }

    /// <summary>Whatever stands before it shifts it.</summary>
    /// <returns>Whether it is a text.</returns>
    private static bool Read(TextRange range, DecoderInput input)
    {
        if (!IsMixed(input.Text.AsSpan(range.Start, range.End - range.Start)))
        {
            return false;
        }

        var isText = false;
        var standard = TokenRun.Join(input.Text, range, Alphabet).Replace('-', '+').Replace('_', '/');
        for (var skipped = 0; skipped < 4; skipped++)
        {
            if (ReadableBytes.Read(Bytes(standard.AsSpan(skipped)), input.Budget) is { } text)
            {
                input.Add(text, Encoding, range);
                isText = true;
            }
        }

        return isText;
    }

    /// <summary>Words have capitals at the beginning, and no digits: encoded text has both anywhere.</summary>
    private static bool IsMixed(ReadOnlySpan<char> token)
    {
        var (others, small) = (0, 0);
        for (var i = 1; i < token.Length; i++)
        {
            others += char.IsAsciiLetterUpper(token[i]) || char.IsAsciiDigit(token[i]) ? 1 : 0;
            small += char.IsAsciiLetterLower(token[i]) ? 1 : 0;
        }

        return others > 1 && small > 0;
    }

    private static byte[] Bytes(ReadOnlySpan<char> characters)
    {
        var whole = characters.Length % 4 == 1 ? characters[..^1] : characters;   // one character is no byte
        var padded = whole.ToString().PadRight((whole.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? bytes[..length] : [];
    }
}
