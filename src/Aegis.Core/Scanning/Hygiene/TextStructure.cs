using System.Buffers;
using System.Collections;

namespace Aegis.Scanning.Hygiene;

/// <summary>Which characters of a text hold it together: tags, quotes, brackets, bars, escapes, line breaks, and in JSON all that stands outside texts. The others say something.</summary>
internal sealed class TextStructure
{
    private const int MaxTag = 1_024;
    private const int MaxAttribute = 64;

    private static readonly SearchValues<char> Signs = SearchValues.Create("\"<>{}[]|`\n\r\t");

    private readonly BitArray _isStructure;

    public TextStructure(string text)
    {
        _isStructure = new(text.Length);
        var isJson = text.AsSpan().TrimStart() is ['{' or '[', ..];
        var isSaid = !isJson;
        for (var i = 0; i < text.Length;)
        {
            var length = LengthAt(text, i);
            if (isJson && text[i] == '"')
            {
                isSaid = !isSaid;
            }

            if (length == 0 && isSaid)
            {
                i++;
                continue;
            }

            var end = Math.Min(text.Length, i + Math.Max(1, length));
            for (; i < end; i++)
            {
                _isStructure[i] = true;
            }
        }
    }

    public bool this[int position] => _isStructure[position];

    /// <summary>Characters of structure that begin here; 0: none.</summary>
    private static int LengthAt(string text, int i)
    {
        var rest = text.AsSpan(i);
        return text[i] switch
        {
            '\\' => rest.Length > 1 && rest[1] == 'u' ? 6 : 2,
            '<' when rest.StartsWith("<!--", StringComparison.Ordinal) => 4,
            '-' when rest.StartsWith("-->", StringComparison.Ordinal) => 3,
            '<' when rest.Length > 1 && (char.IsAsciiLetter(rest[1]) || rest[1] is '/' or '!') => TagAt(rest),
            '"' when rest[..Math.Min(rest.Length, MaxAttribute)].IndexOfAny('=', '>') is > 0 and var next && IsBetweenAttributes(rest[1..next]) => rest[next] == '=' ? 1 : next + 1,
            var c => Signs.Contains(c) ? 1 : 0,
        };
    }

    /// <summary>A tag as far as its first quote: what stands in quotes is said.</summary>
    private static int TagAt(ReadOnlySpan<char> rest)
    {
        var end = rest[..Math.Min(rest.Length, MaxTag)].IndexOfAny('>', '"', '\n');
        return end < 0 ? 1 : end + 1;
    }

    private static bool IsBetweenAttributes(ReadOnlySpan<char> between)
    {
        foreach (var c in between)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not (' ' or '-' or '/'))
            {
                return false;
            }
        }

        return between.Length > 0 && between[0] is ' ' or '/';
    }
}
