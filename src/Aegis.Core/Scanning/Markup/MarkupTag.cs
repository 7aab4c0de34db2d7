namespace Aegis.Scanning.Markup;

/// <summary>The HTML tag around a place.</summary>
/// <param name="Links">Whether its addresses wait for a click.</param>
/// <param name="IsSeen">Whether it was seen where it begins.</param>
internal sealed record MarkupTag(bool Links, bool IsSeen)
{
    /// <summary>Reads a text tag by tag.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where it begins to read, outside of all tags.</param>
    /// <param name="at">The place.</param>
    /// <returns>The tag that has not ended there; null: there is none.</returns>
    public static MarkupTag? Around(string text, int from, int at)
    {
        var (open, quote, last) = (-1, '\0', '\0');
        for (var i = from; i < at; i++)
        {
            var c = text[i];
            if (open < 0)
            {
                if (text.AsSpan(i, at - i).StartsWith("<!--"))
                {
                    var end = text.AsSpan(i, at - i).IndexOf("-->");
                    if (end < 0)
                    {
                        return null;
                    }

                    i += end + 2;
                    continue;
                }

                open = c == '<' && i + 1 < at && (char.IsAsciiLetter(text[i + 1]) || text[i + 1] == '/') ? i : -1;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'' && last == '=')
            {
                quote = c;   // elsewhere it is a part of a name
            }
            else if (c == '>')
            {
                open = -1;
            }

            last = char.IsWhiteSpace(c) ? last : c;
        }

        if (open < 0)
        {
            return null;
        }

        var behind = open + 1;
        while (behind < at && char.IsAsciiLetterOrDigit(text[behind]))
        {
            behind++;
        }

        return new(text.AsSpan(open + 1, behind - open - 1) is var name && (name.Equals("a", StringComparison.OrdinalIgnoreCase) || name.Equals("area", StringComparison.OrdinalIgnoreCase) || name.Equals("form", StringComparison.OrdinalIgnoreCase)), IsSeen: true);
    }
}
