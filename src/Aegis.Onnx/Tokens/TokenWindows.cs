namespace Aegis.Tokens;

/// <summary>How a long text is divided.</summary>
internal static class TokenWindows
{
    /// <summary>Where windows begin. All are full if the text fills one: the last one ends with the text. A text without tokens has one, which is empty.</summary>
    /// <param name="tokens">Of the text.</param>
    /// <param name="size">Tokens of a window.</param>
    /// <param name="overlap">Tokens that a window shares with the one before, at least.</param>
    /// <returns>The first token of each.</returns>
    public static List<int> Starts(int tokens, int size, int overlap)
    {
        var starts = new List<int>();
        for (var start = 0; start + size < tokens; start += size - overlap)
        {
            starts.Add(start);
        }

        starts.Add(Math.Max(0, tokens - size));
        return starts;
    }

    /// <summary>The part of the text that some tokens stand for; null: there is none. No character is cut in two.</summary>
    public static TextRange? RangeOf(string text, List<Token> tokens, int from, int to)
    {
        var (start, end) = (text.Length, 0);
        for (var i = from; i < to; i++)
        {
            (start, end) = (Math.Min(start, tokens[i].Start), Math.Max(end, tokens[i].End));
        }

        if (start >= end)
        {
            return null;
        }

        start -= IsInPair(start) ? 1 : 0;
        end += IsInPair(end) ? 1 : 0;
        return new(start, end);

        bool IsInPair(int at) => at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);
    }
}
