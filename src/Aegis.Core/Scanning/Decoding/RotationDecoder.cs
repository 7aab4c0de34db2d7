namespace Aegis.Scanning.Decoding;

/// <summary>ROT13, around keywords of rules that stand in it.</summary>
/// <param name="keywords">Keywords in canonical form.</param>
internal sealed class RotationDecoder(IEnumerable<string> keywords) : IDecoder
{
    private readonly TurnedKeywords _keywords = new(keywords.Where(static keyword => keyword.All(char.IsAsciiLetter)), static keyword => string.Concat(keyword.Select(Turned)));

    public void Decode(DecoderInput input)
    {
        if (_keywords.PartsOf(input.Canonical.Text) is not { } parts)
        {
            return;
        }

        foreach (var part in parts)
        {
            var text = input.Canonical.Text[part.Start..part.End];
            if (!input.Budget.Take(text.Length))
            {
                return;
            }

            var places = new TextRange[text.Length];
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = input.Canonical.RangeOf(part.Start + i, 1);
            }

            input.AddOriginal(string.Create(text.Length, text, static (turned, original) =>
            {
                for (var i = 0; i < turned.Length; i++)
                {
                    turned[i] = Turned(original[i]);
                }
            }), "ROT13", places);
        }
    }

    private static char Turned(char c) => c is >= 'a' and <= 'z' ? (char)('a' + ((c - 'a' + 13) % 26)) : c;
}
