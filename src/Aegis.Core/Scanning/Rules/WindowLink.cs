namespace Aegis.Scanning.Rules;

/// <summary>A link of a chain as it is looked for.</summary>
/// <param name="Texts">The number of its texts in the <see cref="ChainIndex"/>.</param>
/// <param name="Gap">See <see cref="TextLink"/>.</param>
/// <param name="Before">See <see cref="TextLink"/>.</param>
internal readonly record struct WindowLink(int Texts, int Gap, CharacterMask Before);
