namespace Aegis.Scanning.Rules;

/// <summary>A chain as it is looked for.</summary>
/// <param name="Rule">Its rule.</param>
/// <param name="Lead">The most characters of a match before the text of its first link.</param>
/// <param name="Links">Its links, at least one.</param>
internal sealed record WindowChain(int Rule, int Lead, WindowLink[] Links)
{
    /// <summary>The most characters of a match up to its end.</summary>
    public int Reach { get; } = Links.Sum(static link => link.Gap);
}
