using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Decoding;

/// <summary>A text without the characters that nobody sees, and with full-width ones as they are else written: for the encodings that it may hold.</summary>
internal sealed class FoldedTextDecoder : IDecoder
{
    private const char FullWidth = '\uFF01';

    public void Decode(DecoderInput input)
    {
        var text = input.Text;
        if (!HidesCode(text) || !input.Budget.Take(text.Length))
        {
            return;
        }

        var (folded, places) = (new StringBuilder(text.Length), new List<TextRange>(text.Length));
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsInvisible(text[i]))
            {
                folded.Append(IsFullWidth(text[i]) ? (char)(text[i] - FullWidth + '!') : text[i]);
                places.Add(new(i, i + 1));
            }
        }

        input.Add(folded.ToString(), "folded", [.. places]);
    }

    /// <summary>Whether such a character stands beside a letter, digit or sign of ASCII, or another of them.</summary>
    private static bool HidesCode(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if ((text[i] >= 0x80 || text[i - 1] >= 0x80) && IsPart(text[i - 1]) && IsPart(text[i]) && (IsStrange(text[i - 1]) || IsStrange(text[i])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPart(char c) => c is > ' ' and < '\u007F' || IsStrange(c);

    private static bool IsStrange(char c) => c >= 0x80 && (IsFullWidth(c) || IsInvisible(c));

    private static bool IsFullWidth(char c) => c is >= FullWidth and <= '\uFF5E';

    private static bool IsInvisible(char c) => c >= 0x80 && Rune.TryCreate(c, out var rune) && Confusables.IsInvisible(rune);
}
