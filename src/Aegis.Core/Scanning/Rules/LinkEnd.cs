namespace Aegis.Scanning.Rules;

/// <summary>A keyword as the text of a link.</summary>
/// <param name="Link">The link's number, over all chains; the one before it in its chain has the number before.</param>
/// <param name="Rule">The chain's rule.</param>
/// <param name="Gap">See <see cref="TextLink"/>.</param>
/// <param name="NeedsEdgeBefore">See <see cref="RequiredText"/>.</param>
/// <param name="NeedsEdgeBehind">See <see cref="RequiredText"/>.</param>
/// <param name="IsFirst">Whether it begins its chain.</param>
/// <param name="IsLast">Whether it ends its chain.</param>
internal readonly record struct LinkEnd(int Link, int Rule, int Gap, bool NeedsEdgeBefore, bool NeedsEdgeBehind, bool IsFirst, bool IsLast);
