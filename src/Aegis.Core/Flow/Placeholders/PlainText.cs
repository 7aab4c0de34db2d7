namespace Aegis.Flow.Placeholders;

/// <summary>Where in a text a value may come back: in words, but nowhere a reader would fetch or run something that takes it along.</summary>
internal static class PlainText
{
    private const int Far = 2_048;   // characters

    private static readonly string[] Signs = ["//", "\\\\"];
    private static readonly string[] Beginnings = ["www.", "mailto:", "tel:", "sms:", "data:", "javascript:", "vbscript:", "blob:", "file:"];

    /// <summary>Whether a text has markup: a tag, or a link or an image as Markdown writes them.</summary>
    public static bool HasMarkup(string text)
    {
        if (text.Contains("](", StringComparison.Ordinal) || text.Contains("![", StringComparison.Ordinal))
        {
            return true;
        }

        for (var at = text.IndexOf('<'); at >= 0 && at + 1 < text.Length; at = text.IndexOf('<', at + 1))
        {
            if (char.IsAsciiLetter(text[at + 1]) || text[at + 1] is '/' or '!' or '?')
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a part of a text stands in an address: whatever it touches up to white space is looked at; where that is far away, it may be one.</summary>
    public static bool IsInAddress(string text, TextRange range)
    {
        var (start, end) = (range.Start, range.End);
        while (start > 0 && range.Start - start <= Far && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        while (end < text.Length && end - range.End <= Far && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        if (range.Start - start > Far || end - range.End > Far)
        {
            return true;
        }

        var around = text[start..end];
        var before = text.AsSpan(start, range.Start - start);
        return Array.Exists(Signs, sign => around.Contains(sign, StringComparison.Ordinal))
            || Array.Exists(Beginnings, beginning => around.IndexOf(beginning, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && (at == 0 || !char.IsLetterOrDigit(around[at - 1])))
            || (before.IndexOf('.') is >= 0 and var dot && before[dot..].ContainsAny('/', '?', '#'));
    }
}
