using Aegis.Scanning.Rules;

namespace Aegis.Scanning.Sensitive;

/// <summary>Makes a pattern match letters of either case.</summary>
internal static class AnyCase
{
    public static PatternNode Of(PatternNode node) => node switch
    {
        PatternNode.Literal { Character: var c } when char.ToUpperInvariant(c) != char.ToLowerInvariant(c) => new PatternNode.Class(false, [(char.ToLowerInvariant(c), char.ToLowerInvariant(c)), (char.ToUpperInvariant(c), char.ToUpperInvariant(c))], ""),
        PatternNode.Class members => members with { Ranges = [.. members.Ranges, .. members.Ranges.SelectMany(Other)] },
        PatternNode.Sequence sequence => new PatternNode.Sequence([.. sequence.Parts.Select(Of)]),
        PatternNode.Choice choice => new PatternNode.Choice([.. choice.Options.Select(Of)]),
        PatternNode.Repeat repeat => repeat with { Part = Of(repeat.Part) },
        _ => node,
    };

    /// <summary>The letters of ASCII in a range, in the other case.</summary>
    private static IEnumerable<(char From, char To)> Other((char From, char To) range)
    {
        for (var c = range.From; c <= range.To && c < 0x80; c++)
        {
            if (char.IsAsciiLetter(c))
            {
                yield return ((char)(c ^ ' '), (char)(c ^ ' '));
            }
        }
    }
}
