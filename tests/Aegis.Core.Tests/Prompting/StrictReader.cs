using System.Text;
using System.Text.RegularExpressions;
using Aegis.Prompting;

namespace Aegis.Core.Tests.Prompting;

/// <summary>Reads a built prompt as a strict reader would who was told the rule by the system message and knows nothing else: shares no code with the product.</summary>
internal static partial class StrictReader
{
    /// <summary>The contents of the data blocks in one message, and what stands outside of them.</summary>
    public static (List<string> Blocks, string Outside) Read(string system, string text, MarkingStrategy strategy)
    {
        var (open, close, decode) = Rule(system, strategy);
        var (blocks, outside) = (new List<string>(), new StringBuilder());
        for (var at = 0; at < text.Length;)
        {
            var begin = text.IndexOf(open, at, StringComparison.Ordinal);
            if (begin < 0)
            {
                outside.Append(text, at, text.Length - at);
                break;
            }

            outside.Append(text, at, begin - at);
            var inside = begin + open.Length;
            var end = strategy == MarkingStrategy.Json ? EndOfString(text, inside) : text.IndexOf(close, inside, StringComparison.Ordinal);
            if (end < 0 || string.CompareOrdinal(text, end, close, 0, close.Length) != 0)
            {
                outside.Append("<a block without an end>");
                break;
            }

            blocks.Add(decode(text[inside..end]));
            at = end + close.Length;
        }

        return (blocks, outside.ToString());
    }

    private static (string Open, string Close, Func<string, string> Decode) Rule(string system, MarkingStrategy strategy)
    {
        switch (strategy)
        {
            case MarkingStrategy.Datamarking when Marker().Matches(system) is [.., var last]:
                var marker = ((char)Convert.ToInt32(last.Groups[1].Value, 16)).ToString();
                return (marker + marker, marker + marker, inner => inner.Replace(marker, "", StringComparison.Ordinal));
            case MarkingStrategy.Delimiters:
                var tag = DataTag().Matches(system)[^1].Groups[1].Value;
                return ($"<{tag}>", $"</{tag}>", static inner => inner);
            case MarkingStrategy.Json:
                var name = Name().Matches(system)[^1].Groups[1].Value;
                return ($"{{\"{name}\":\"", "\"}", static inner => Escape().Replace(inner, static match => match.Value[1] == 'u' ? ((char)Convert.ToInt32(match.Value[2..], 16)).ToString() : match.Value[1..]));
            default:
                var base64 = Base64Tag().Matches(system)[^1].Groups[1].Value;
                return ($"<{base64}>", $"</{base64}>", static inner => Wide(Convert.FromBase64String(inner)));
        }
    }

    private static int EndOfString(string text, int at)
    {
        while (at < text.Length && text[at] != '"')
        {
            at += text[at] == '\\' ? 2 : 1;
        }

        return at < text.Length ? at : -1;
    }

    /// <summary>UTF-8 with halves of surrogate pairs, by hand.</summary>
    private static string Wide(byte[] bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; i < bytes.Length;)
        {
            var (count, code) = bytes[i] switch { < 0x80 => (1, bytes[i]), < 0xE0 => (2, bytes[i] & 0x1F), < 0xF0 => (3, bytes[i] & 0xF), _ => (4, bytes[i] & 7) };
            for (var j = 1; j < count; j++)
            {
                code = (code << 6) | (bytes[i + j] & 0x3F);
            }

            text.Append(code > 0xFFFF ? char.ConvertFromUtf32(code) : ((char)code).ToString());
            i += count;
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\(U\+([0-9A-F]{4})\)")]
    private static partial Regex Marker();

    [GeneratedRegex("between <(data-[0-9a-f]{32})> and")]
    private static partial Regex DataTag();

    [GeneratedRegex("name \"(data-[0-9a-f]{32})\" is")]
    private static partial Regex Name();

    [GeneratedRegex("between <(base64-[0-9a-f]{32})> and")]
    private static partial Regex Base64Tag();

    [GeneratedRegex(@"\\(?:u[0-9a-f]{4}|.)")]
    private static partial Regex Escape();
}
