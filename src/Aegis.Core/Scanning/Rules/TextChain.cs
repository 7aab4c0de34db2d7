namespace Aegis.Scanning.Rules;

/// <summary>Texts that stand one behind the other in matches of a pattern.</summary>
/// <param name="Links">The links, in the order in which their texts end; at least one.</param>
/// <param name="Behind">The most characters of a match behind the last.</param>
internal sealed record TextChain(IReadOnlyList<TextLink> Links, int Behind)
{
    /// <summary>The most characters of a match up to the end of the last text.</summary>
    public int Length => Links.Sum(static link => link.Gap);

    /// <summary>The chain of some of its links.</summary>
    public TextChain Keep(Func<TextLink, bool> isKept)
    {
        var (links, gap) = (new List<TextLink>(), 0);
        foreach (var link in Links)
        {
            gap += link.Gap;
            if (isKept(link))
            {
                links.Add(link with { Gap = gap });
                gap = 0;
            }
        }

        return new(links, Behind + gap);
    }
}
