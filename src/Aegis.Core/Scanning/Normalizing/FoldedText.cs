using System.Text;

namespace Aegis.Scanning.Normalizing;

/// <summary>
/// A text without the characters that nobody sees, and with full-width ones as they are else written, but with its case: what encodings are read
/// from. Linear; any UTF-16 is accepted.
/// </summary>
internal readonly struct FoldedText
{
    private const char FullWidth = '\uFF01';

    private readonly int[]? _places;   // of each character in the original; null: it is the same

    private FoldedText(string text, int[]? places) => (Text, _places) = (text, places);

    public string Text { get; }

    public static FoldedText Of(string original)
    {
        var first = 0;
        while (first < original.Length && !IsStrange(original[first]))
        {
            first++;
        }

        if (first == original.Length)
        {
            return new(original, null);
        }

        var (text, places) = (new StringBuilder(original.Length), new List<int>(original.Length));
        for (var i = 0; i < original.Length; i++)
        {
            if (i < first || !IsInvisible(original[i]))
            {
                text.Append(IsFullWidth(original[i]) ? (char)(original[i] - FullWidth + '!') : original[i]);
                places.Add(i);
            }
        }

        return new(text.ToString(), [.. places]);
    }

    /// <summary>Where a range stands in the original.</summary>
    public TextRange RangeOf(TextRange range) => _places is null ? range : new(_places[range.Start], _places[range.End - 1] + 1);

    private static bool IsStrange(char c) => c >= 0x80 && (IsFullWidth(c) || IsInvisible(c));

    private static bool IsFullWidth(char c) => c is >= FullWidth and <= '\uFF5E';

    private static bool IsInvisible(char c) => c >= 0x80 && Rune.TryCreate(c, out var rune) && Confusables.IsInvisible(rune);
}
