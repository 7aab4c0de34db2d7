namespace Aegis.Scanning.Hygiene;

/// <summary>What of a text is taken out for a finding: the sentences that it stands in, without what holds JSON, HTML, Markdown or a table together.</summary>
internal static class InstructionSpan
{
    private const int MaxSentence = 512;

    /// <summary>The pieces to replace, in order.</summary>
    public static IReadOnlyList<TextRange> Of(string text, TextRange hit)
    {
        var structure = new TextStructure(text);
        var pieces = new List<TextRange>();
        var end = EndOf(text, hit.End, structure);
        for (var i = StartOf(text, hit.Start, structure); i < end;)
        {
            var start = i;
            while (i < end && !structure[i])
            {
                i++;
            }

            var piece = text.AsSpan(start, i - start);
            var leading = piece.Length - piece.TrimStart().Length;
            piece = piece.Trim();
            if (HasWords(piece))
            {
                pieces.Add(new(start + leading, start + leading + piece.Length));
            }

            i = i == start ? i + 1 : i;
        }

        return pieces;
    }

    private static int StartOf(string text, int start, TextStructure structure)
    {
        for (var i = start; i > 0 && start - i < MaxSentence; i--)
        {
            if (structure[i - 1] || EndsSentence(text, i - 1, structure))
            {
                return i;
            }
        }

        return start <= MaxSentence ? 0 : start;
    }

    private static int EndOf(string text, int end, TextStructure structure)
    {
        for (var i = Math.Max(0, end - 1); i < text.Length && i - end < MaxSentence; i++)
        {
            if (EndsSentence(text, i, structure))
            {
                return i + 1;
            }

            if (i >= end && structure[i])
            {
                return i;
            }
        }

        return text.Length - end <= MaxSentence ? text.Length : end;
    }

    private static bool EndsSentence(string text, int i, TextStructure structure) =>
        text[i] is '.' or '!' or '?' or ';' or '。' or '！' or '？' or '।' && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]) || structure[i + 1] || text[i] >= 0x80);

    private static bool HasWords(ReadOnlySpan<char> piece)
    {
        foreach (var c in piece)
        {
            if (char.IsLetterOrDigit(c))
            {
                return true;
            }
        }

        return false;
    }
}
