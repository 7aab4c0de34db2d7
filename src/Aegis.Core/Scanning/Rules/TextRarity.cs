using System.Collections.Frozen;
using System.Globalization;
using Aegis.Scanning.Detecting;

namespace Aegis.Scanning.Rules;

/// <summary>How rarely texts stand in harmless ones, in bits: frequent words as they were counted (<c>common-words.txt</c>), others by their characters.</summary>
internal static class TextRarity
{
    private const double BitsOfFirst = 4;      // a letter of which nothing is known before
    private const double BitsOfLetter = 4;     // of other scripts than Latin, to which the character model is one letter
    private const double BitsOfIdeograph = 7;
    private const double BitsOfBlank = 2.5;    // a word's edge
    private const char FirstIdeograph = '\u2E80';

    private static readonly FrozenDictionary<string, int> Common = Load();

    /// <param name="text">The canonical text.</param>
    /// <param name="hasEdgeBefore">Whether a word's edge stands before it.</param>
    /// <param name="hasEdgeBehind">Whether one stands behind it.</param>
    public static double Of(ReadOnlySpan<char> text, bool hasEdgeBefore, bool hasEdgeBehind)
    {
        var bits = 0.0;
        var words = Common.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var part in text.Split(' '))
        {
            var word = text[part];
            if (word.IsEmpty)
            {
                continue;
            }

            var (startsWord, endsWord) = (hasEdgeBefore || part.Start.Value > 0, hasEdgeBehind || part.End.Value < text.Length);
            bits += startsWord && endsWord && words.TryGetValue(word, out var known) ? known : OfCharacters(word, startsWord, endsWord);
        }

        return text.IsWhiteSpace() ? BitsOfBlank : bits;
    }

    private static double OfCharacters(ReadOnlySpan<char> word, bool startsWord, bool endsWord)
    {
        var model = CharacterModel.Default;
        var blank = model.SymbolOf(' ');
        var (bits, before, last) = (startsWord ? BitsOfBlank : 0, model.SymbolOf('e'), blank);
        for (var i = 0; i < word.Length; i++)
        {
            var symbol = model.SymbolOf(word[i]);
            bits += word[i] >= FirstIdeograph ? BitsOfIdeograph
                : word[i] >= 0x80 ? BitsOfLetter
                : i == 0 && !startsWord ? BitsOfFirst
                : model.Surprise(before, last, symbol);
            (before, last) = (last, symbol);
        }

        return endsWord ? bits + Math.Min(model.Surprise(before, last, blank), BitsOfBlank) : bits;
    }

    private static FrozenDictionary<string, int> Load()
    {
        using var reader = new StreamReader(typeof(TextRarity).Assembly.GetManifestResourceStream("common-words.txt")!);
        var bits = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line is not ['#', ..] && line.Split(": ") is [var rarity, var words])
            {
                foreach (var word in words.Split(' '))
                {
                    bits[word] = int.Parse(rarity, NumberStyles.None, CultureInfo.InvariantCulture);
                }
            }
        }

        return bits.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
