namespace Aegis.Scanning.Rules;

/// <summary>A link of a chain as it is looked for. The one before it in its chain has the number before.</summary>
/// <param name="Rule">The chain's rule.</param>
/// <param name="Gap">See <see cref="TextLink"/>.</param>
/// <param name="NextGap">The gap of the next link of its chain; 0: it ends the chain.</param>
/// <param name="Lead">See <see cref="TextLink.Lead"/>, of the first link of its chain.</param>
/// <param name="Place">Its place in the chain; 0: it begins it.</param>
internal readonly record struct WindowLink(int Rule, short Gap, short NextGap, short Lead, short Place)
{
    public bool IsFirst => Place == 0;

    public bool IsLast => NextGap == 0;
}
