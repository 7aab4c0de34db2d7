using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Decoding;

/// <summary>Characters that stand for others in place: percent-encoding, HTML entities, escapes of JSON, C and quoted-printable. They are read with what stands around them.</summary>
internal sealed class EscapeDecoder : IDecoder
{
    private const int Context = 128;
    private const int MaxEntity = 12;

    public void Decode(DecoderInput input)
    {
        var text = input.Text;
        if (Escapes(text) is not { } escapes)
        {
            return;
        }

        for (var i = 0; i < escapes.Count;)
        {
            var first = i;
            while (++i < escapes.Count && Away(text, escapes[i - 1].Range.End, 1, escapes[i].Range.Start) == escapes[i].Range.Start)
            {
            }

            var from = Away(text, escapes[first].Range.Start - 1, -1, first == 0 ? -1 : escapes[first - 1].Range.End - 1) + 1;
            var to = Away(text, escapes[i - 1].Range.End, 1, i == escapes.Count ? text.Length : escapes[i].Range.Start);
            if (!input.Budget.Take(to - from))
            {
                return;
            }

            Add(input, escapes, first, i, from, to);
        }
    }

    /// <summary>The position after so much context, or the last if that comes first. Of white space and characters that cannot be seen a row counts as one.</summary>
    private static int Away(string text, int position, int step, int last)
    {
        var wasEmpty = false;
        for (var count = 0; position != last; position += step)
        {
            var isEmpty = char.IsWhiteSpace(text[position]) || (text[position] >= 0x80 && Rune.TryCreate(text[position], out var rune) && Confusables.IsInvisible(rune));
            count += isEmpty && wasEmpty ? 0 : 1;
            wasEmpty = isEmpty;
            if (count > Context)
            {
                break;
            }
        }

        return position;
    }

    private static void Add(DecoderInput input, List<(TextRange Range, string Decoded)> escapes, int first, int end, int from, int to)
    {
        var decoded = new StringBuilder(to - from);
        var places = new List<TextRange>(to - from);
        var position = from;
        for (var i = first; i < end; i++)
        {
            CopyUpTo(escapes[i].Range.Start);
            foreach (var c in escapes[i].Decoded)
            {
                decoded.Append(c);
                places.Add(escapes[i].Range);
            }

            position = escapes[i].Range.End;
        }

        CopyUpTo(to);
        input.Add(decoded.ToString(), "escapes", [.. places]);

        void CopyUpTo(int stop)
        {
            for (; position < stop; position++)
            {
                decoded.Append(input.Text[position]);
                places.Add(new(position, position + 1));
            }
        }
    }

    /// <summary>All of them; null: there is none.</summary>
    private static List<(TextRange Range, string Decoded)>? Escapes(string text)
    {
        List<(TextRange, string)>? escapes = null;
        for (var i = text.AsSpan().IndexOfAny("%&\\=U"); i >= 0 && i < text.Length;)
        {
            var (length, decoded) = text[i] switch
            {
                '%' => Bytes(text, i, '%'),
                '=' => Bytes(text, i, '='),
                '&' => Entity(text, i),
                '\\' => Backslash(text, i),
                _ => CodePoint(text, i),
            };
            if (length > 0)
            {
                (escapes ??= []).Add((new(i, i + length), decoded));
            }

            i += Math.Max(1, length);
            var next = text.AsSpan(i).IndexOfAny("%&\\=U");
            i = next < 0 ? text.Length : i + next;
        }

        return escapes;
    }

    /// <summary>Bytes of UTF-8 behind a sign; a character at a time, so that each has its place.</summary>
    private static (int Length, string Decoded) Bytes(string text, int start, char sign)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        for (var i = start; count < 4 && i + 2 < text.Length && text[i] == sign && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count]); i += 3)
        {
            count++;
            if (Rune.DecodeFromUtf8(bytes[..count], out var rune, out _) == OperationStatus.Done)
            {
                return sign == '=' && rune.Value is < ' ' or > '~' && count == 1 ? (0, "") : (3 * count, rune.ToString());
            }
        }

        return (0, "");
    }

    private static (int Length, string Decoded) Entity(string text, int start)
    {
        var end = text.IndexOf(';', start, Math.Min(MaxEntity, text.Length - start));
        if (end < 0)
        {
            return (0, "");
        }

        var entity = text[start..(end + 1)];
        var decoded = WebUtility.HtmlDecode(entity);
        return string.Equals(decoded, entity, StringComparison.Ordinal) ? (0, "") : (entity.Length, decoded);
    }

    private static (int Length, string Decoded) Backslash(string text, int start) => start + 1 == text.Length ? (0, "") : text[start + 1] switch
    {
        'n' or 'r' => (2, "\n"),
        't' => (2, " "),
        '"' or '\'' or '/' or '\\' => (2, text[(start + 1)..(start + 2)]),
        'x' => Number(text, start, 2, 2),
        'u' when start + 2 < text.Length && text[start + 2] == '{' && text.IndexOf('}', start, Math.Min(10, text.Length - start)) is > 0 and var close => Number(text, start, 3, close - start - 3) is ( > 0 and var length, var c) ? (length + 1, c) : (0, ""),
        'u' => Number(text, start, 2, 4),
        'U' => Number(text, start, 2, 8),
        >= '0' and <= '3' => Octal(text, start),
        _ => (0, ""),
    };

    private static (int Length, string Decoded) CodePoint(string text, int start) => start + 2 < text.Length && text[start + 1] == '+' ? Number(text, start, 2, 4) : (0, "");

    /// <summary>The character of a hexadecimal number of so many digits; half of a pair counts, because the other half follows in the same way.</summary>
    private static (int Length, string Decoded) Number(string text, int start, int prefix, int digits) =>
        start + prefix + digits > text.Length || digits <= 0 || !uint.TryParse(text.AsSpan(start + prefix, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? (0, "")
        : value <= char.MaxValue ? (prefix + digits, ((char)value).ToString())
        : Rune.TryCreate(value, out var rune) ? (prefix + digits, rune.ToString())
        : (0, "");

    private static (int Length, string Decoded) Octal(string text, int start)
    {
        if (start + 3 >= text.Length)
        {
            return (0, "");
        }

        var value = 0;
        for (var i = start + 1; i <= start + 3; i++)
        {
            if (text[i] is < '0' or > '7')
            {
                return (0, "");
            }

            value = (value * 8) + text[i] - '0';
        }

        return value is >= ' ' and < 0x7F ? (4, ((char)value).ToString()) : (0, "");
    }
}
