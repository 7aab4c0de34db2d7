using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>Characters of canonical texts: which of ASCII, and whether any others.</summary>
/// <param name="Low">A bit for each of the first half of ASCII.</param>
/// <param name="High">A bit for each of the second.</param>
/// <param name="Others">Whether all others.</param>
internal readonly record struct CharacterMask(ulong Low, ulong High, bool Others)
{
    private const int AsciiCount = 0x80;
    private const int Half = 64;
    private const ulong Blanks = (1UL << ' ') | (1UL << '\n');

    /// <summary>All characters.</summary>
    public static CharacterMask All { get; } = new(ulong.MaxValue, ulong.MaxValue, true);

    public static CharacterMask operator |(CharacterMask left, CharacterMask right) => new(left.Low | right.Low, left.High | right.High, left.Others || right.Others);

    /// <summary>The characters of a keyword, to which a line break is a blank.</summary>
    public static CharacterMask Of(ReadOnlySpan<char> text)
    {
        var mask = default(CharacterMask);
        foreach (var c in text)
        {
            mask |= c >= AsciiCount ? new(0, 0, true) : c >= Half ? new(0, 1UL << (c - Half), false) : new(1UL << c, 0, false);
        }

        return (mask.Low & Blanks) != 0 ? mask with { Low = mask.Low | Blanks } : mask;
    }

    /// <summary>What a part of a pattern reads that is one character.</summary>
    public static CharacterMask Of(PatternNode node) => node switch
    {
        PatternNode.Literal literal => Of([literal.Character]),
        PatternNode.Any => All with { Low = ~(1UL << '\n') },
        PatternNode.Set set => Of(c => CharacterKinds.IsIn(CharacterKinds.Of(c), set.Name), set.Name != 's'),
        PatternNode.Class members => Of(
            c => (members.Sets.Any(name => CharacterKinds.IsIn(CharacterKinds.Of(c), name)) || members.Ranges.Any(range => range.From <= c && c <= range.To)) != members.IsNegated,
            members.IsNegated || members.Sets.Any(static name => name != 's') || members.Ranges.Any(static range => range.To >= AsciiCount)),
        _ => default,
    };

    /// <summary>The same in letters alone.</summary>
    public static CharacterMask OfLoose(ReadOnlySpan<char> text)
    {
        var mask = default(CharacterMask);
        foreach (var c in text)
        {
            mask |= LooseLetters.Of(c) is var letter and not '\0' ? Of([letter]) : default;
        }

        return mask;
    }

    /// <summary>What a part of a pattern that is one character reads in letters alone: see <see cref="LoosePattern"/>.</summary>
    public static CharacterMask OfLoose(PatternNode node) => node switch
    {
        PatternNode.Literal literal => OfLoose([literal.Character]),
        PatternNode.Set { Name: 's' } or PatternNode.Edge => default,
        PatternNode.Class members when !LoosePattern.IsAny(members) => OfLoose(string.Concat(members.Ranges.SelectMany(static range => Enumerable.Range(range.From, range.To - range.From + 1)).Select(static c => (char)c))),
        _ => All,
    };

    public bool Has(char c) => c < AsciiCount ? (((c < Half ? Low : High) >> (c & (Half - 1))) & 1) != 0 : Others;

    private static CharacterMask Of(Predicate<char> reads, bool others)
    {
        var (low, high) = (0UL, 0UL);
        for (var c = '\0'; c < Half; c++)
        {
            low |= reads(c) ? 1UL << c : 0;
            high |= reads((char)(c + Half)) ? 1UL << c : 0;
        }

        return new(low, high, others);
    }
}
