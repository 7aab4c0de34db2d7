using System.Collections.Frozen;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>A text that stands in matches of a pattern.</summary>
/// <param name="Text">The text, at least a character long.</param>
/// <param name="HasEdgeBefore">Whether a word's edge stands before it there.</param>
/// <param name="HasEdgeBehind">Whether one stands behind it there.</param>
internal readonly record struct RequiredText(string Text, bool HasEdgeBefore, bool HasEdgeBehind)
{
    private const double Enough = 18;
    private const double BitsOfLetter = 2;
    private const double BitsOfIdeograph = 7;
    private const char FirstIdeograph = '\u2E80';
    private const double BitsOfWord = 3;   // one that stands in every text

    private static readonly FrozenSet<string> Common = new[] { "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "for", "from", "has", "have", "if", "in", "is", "it", "not", "of", "on", "or", "that", "the", "this", "to", "was", "what", "will", "with", "you", "your" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>How rarely it stands somewhere by chance, in bits.</summary>
    public double Weight
    {
        get
        {
            var weight = BitsOf(HasEdgeBefore || Text[0] == ' ') + BitsOf(HasEdgeBehind || Text[^1] == ' ');
            var words = Common.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var part in Text.AsSpan().Split(' '))
            {
                var word = Text.AsSpan(part);
                weight += words.Contains(word) ? BitsOfWord : BitsOf(word);
            }

            return weight;
        }
    }

    /// <summary>As much of its beginning as does not stand anywhere by chance.</summary>
    public RequiredText Head()
    {
        var (bits, length) = (0.0, 0);
        while (length < Text.Length && bits < Enough)
        {
            bits += BitsOf(Text.AsSpan(length++, 1));
        }

        return length == Text.Length ? this : new(Text[..length], HasEdgeBefore, false);
    }

    /// <summary>Where the last stands in another text that is found wherever that one is, or -1.</summary>
    public int PlaceIn(RequiredText other)
    {
        for (var place = other.Text.LastIndexOf(Text, StringComparison.Ordinal); place >= 0; place = place == 0 ? -1 : other.Text.LastIndexOf(Text, place + Text.Length - 2, StringComparison.Ordinal))
        {
            var end = place + Text.Length;
            if ((!HasEdgeBefore || (place == 0 ? other.HasEdgeBefore : CharacterKinds.IsEdge(other.Text, place))) && (!HasEdgeBehind || (end == other.Text.Length ? other.HasEdgeBehind : CharacterKinds.IsEdge(other.Text, end))))
            {
                return place;
            }
        }

        return -1;
    }

    private static double BitsOf(bool isApart) => isApart ? 1 : 0;

    private static double BitsOf(ReadOnlySpan<char> letters)
    {
        var bits = 0.0;
        foreach (var c in letters)
        {
            bits += c switch { ' ' => 1, < (char)0x80 => BitsOfLetter, < FirstIdeograph => 2 * BitsOfLetter, _ => BitsOfIdeograph };
        }

        return bits;
    }
}
