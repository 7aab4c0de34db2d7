namespace Aegis.Scanning.Decoding;

/// <summary>Text that runs backwards, as a whole or word by word, where a keyword of a rule stands in it.</summary>
/// <param name="keywords">Keywords in canonical form.</param>
internal sealed class ReversalDecoder(IEnumerable<string> keywords) : IDecoder
{
    private readonly TurnedKeywords _keywords = new(keywords, static keyword => string.Concat(keyword.Reverse()));

    public void Decode(DecoderInput input)
    {
        if (!_keywords.StandIn(input.Canonical.Text))
        {
            return;
        }

        var order = new int[input.Canonical.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = order.Length - 1 - i;
        }

        Add(input, order, "reversed");
        ReverseWords(input.Canonical.Text, order);
        Add(input, order, "reversed words");
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

    private static void Add(DecoderInput input, int[] order, string name)
    {
        if (!input.Budget.Take(order.Length))
        {
            return;
        }

        var (decoded, places) = (new char[order.Length], new TextRange[order.Length]);
        for (var i = 0; i < order.Length; i++)
        {
            decoded[i] = input.Canonical.Text[order[i]];
            places[i] = input.Canonical.RangeOf(order[i], 1);
        }

        input.Add(new string(decoded), name, places);
    }
}
