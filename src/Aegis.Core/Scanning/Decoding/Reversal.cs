namespace Aegis.Scanning.Decoding;

/// <summary>Text that runs backwards, as a whole or word by word.</summary>
internal static class Reversal
{
    /// <param name="input">The text.</param>
    /// <param name="parts">What of it is turned.</param>
    public static void Decode(DecoderInput input, IReadOnlyList<TextRange> parts)
    {
        foreach (var part in parts)
        {
            var order = new int[part.End - part.Start];
            for (var i = 0; i < order.Length; i++)
            {
                order[i] = order.Length - 1 - i;
            }

            Add(input, part.Start, order, "reversed");
            ReverseWords(input.Canonical.Text[part.Start..part.End], order);
            Add(input, part.Start, order, "reversed words");
        }
    }

    private static void ReverseWords(ReadOnlySpan<char> text, int[] order)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            for (var i = start; i < end; i++)
            {
                order[i] = end - 1 - (i - start);
            }

            if (end < text.Length)
            {
                order[end] = end;
            }

            start = end + 1;
        }
    }

    private static void Add(DecoderInput input, int start, int[] order, string name)
    {
        if (!input.Budget.Take(order.Length))
        {
            return;
        }

        var (decoded, places) = (new char[order.Length], new TextRange[order.Length]);
        for (var i = 0; i < order.Length; i++)
        {
            decoded[i] = input.Canonical.Text[start + order[i]];
            places[i] = input.Canonical.RangeOf(start + order[i], 1);
        }

        input.AddOriginal(new string(decoded), name, places);
    }
}
