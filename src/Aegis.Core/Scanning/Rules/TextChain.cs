namespace Aegis.Scanning.Rules;

/// <summary>Texts that stand one behind the other in matches of a pattern.</summary>
/// <param name="Links">The links, in the order in which their texts end; at least one.</param>
/// <param name="Behind">The most characters of a match behind the last.</param>
/// <param name="Tail">Which they are.</param>
internal sealed record TextChain(IReadOnlyList<TextLink> Links, int Behind, CharacterMask Tail)
{
    /// <summary>The most characters of a match up to the end of the last text.</summary>
    public int Length => Links.Sum(static link => link.Gap);

    /// <summary>All characters of a match.</summary>
    public CharacterMask Characters => Links.Aggregate(Tail, static (mask, link) => mask | link.Before | link.Characters);

    /// <summary>The chain of some of its links.</summary>
    public TextChain Keep(Func<TextLink, bool> isKept)
    {
        var (links, gap, before) = (new List<TextLink>(), 0, default(CharacterMask));
        foreach (var link in Links)
        {
            gap += link.Gap;
            before |= link.Before;
            if (isKept(link))
            {
                links.Add(link with { Gap = gap, Before = before });
                (gap, before) = (0, default);
            }
            else
            {
                before |= link.Characters;
            }
        }

        return new(links, Behind + gap, Tail | before);
    }
}
