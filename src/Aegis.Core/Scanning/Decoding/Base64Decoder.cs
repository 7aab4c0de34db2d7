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
        var runs = new TokenRuns(input.Text, Alphabet, MinLength);
        var hasRun = runs.MoveNext();
        foreach (var (range, joined) in new TokenGroups(input.Text, Alphabet, MinGroup))
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
        var token = input.Text.AsSpan(range.Start, range.End - range.Start);
        if (!IsMixed(token))
        {
            return false;
        }

        var (characters, bytes) = (ArrayPool<char>.Shared.Rent(token.Length), ArrayPool<byte>.Shared.Rent(token.Length));
        var (length, isText) = (0, false);
        foreach (var c in token)
        {
            if (Alphabet.Contains(c))
            {
                characters[length++] = c == '-' ? '+' : c == '_' ? '/' : c;
            }
        }

        for (var skipped = 0; skipped < 4; skipped++)
        {
            if (ReadableBytes.Read(bytes.AsSpan(0, Bytes(characters.AsSpan(Math.Min(skipped, length)..length), bytes)), input.Budget) is { } text)
            {
                input.Add(text, Encoding, range);
                isText = true;
            }
        }

        ArrayPool<char>.Shared.Return(characters, clearArray: true);
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
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

    /// <summary>Decodes without padding; one character is no byte.</summary>
    /// <returns>How many bytes there are.</returns>
    private static int Bytes(ReadOnlySpan<char> characters, Span<byte> bytes)
    {
        var whole = characters.Length / 4 * 4;
        var length = Convert.TryFromBase64Chars(characters[..whole], bytes, out var written) ? written : 0;
        ReadOnlySpan<char> rest = characters[whole..] switch
        {
            [var first, var second] => [first, second, '=', '='],
            [var first, var second, var third] => [first, second, third, '='],
            _ => [],
        };
        return length + (Convert.TryFromBase64Chars(rest, bytes[length..], out var last) ? last : 0);
    }
}
