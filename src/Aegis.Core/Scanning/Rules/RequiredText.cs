using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>A text that stands in matches of a pattern.</summary>
/// <param name="Text">The text, at least a character long.</param>
/// <param name="HasEdgeBefore">Whether a word's edge stands before it there.</param>
/// <param name="HasEdgeBehind">Whether one stands behind it there.</param>
internal readonly record struct RequiredText(string Text, bool HasEdgeBefore, bool HasEdgeBehind)
{
    private const double Enough = 24;

    /// <summary>How rarely it stands somewhere by chance, in bits.</summary>
    public double Weight => TextRarity.Of(Text, HasEdgeBefore, HasEdgeBehind);

    /// <summary>As much of its beginning as does not stand anywhere by chance.</summary>
    public RequiredText Head()
    {
        var length = 1;
        while (length < Text.Length && TextRarity.Of(Text.AsSpan(0, length), HasEdgeBefore, false) < Enough)
        {
            length++;
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
}
