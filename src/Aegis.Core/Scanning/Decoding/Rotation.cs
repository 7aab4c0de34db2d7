namespace Aegis.Scanning.Decoding;

/// <summary>ROT13.</summary>
internal static class Rotation
{
    /// <param name="input">The text.</param>
    /// <param name="parts">What of it is turned.</param>
    public static void Decode(DecoderInput input, IReadOnlyList<TextRange> parts)
    {
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

    /// <summary>A word as it looks turned.</summary>
    public static string Turn(string word) => string.Concat(word.Select(Turned));

    private static char Turned(char c) => c is >= 'a' and <= 'z' ? (char)('a' + ((c - 'a' + 13) % 26)) : c;
}
