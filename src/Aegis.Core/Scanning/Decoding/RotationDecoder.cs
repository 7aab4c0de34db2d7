namespace Aegis.Scanning.Decoding;

/// <summary>ROT13, where a keyword of a rule stands in it.</summary>
/// <param name="keywords">Keywords in canonical form.</param>
internal sealed class RotationDecoder(IEnumerable<string> keywords) : IDecoder
{
    private readonly TurnedKeywords _keywords = new(keywords.Where(static keyword => keyword.All(char.IsAsciiLetter)), static keyword => string.Concat(keyword.Select(Turned)));

    public void Decode(DecoderInput input)
    {
        var text = input.Canonical.Text;
        if (!_keywords.StandIn(text) || !input.Budget.Take(text.Length))
        {
            return;
        }

        var places = new TextRange[text.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = input.Canonical.RangeOf(i, 1);
        }

        input.Add(string.Create(text.Length, text, static (turned, original) =>
        {
            for (var i = 0; i < turned.Length; i++)
            {
                turned[i] = Turned(original[i]);
            }
        }), "ROT13", places);
    }

    private static char Turned(char c) => c is >= 'a' and <= 'z' ? (char)('a' + ((c - 'a' + 13) % 26)) : c;
}
