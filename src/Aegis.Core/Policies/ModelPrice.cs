namespace Aegis.Policies;

/// <summary>Price of a million tokens.</summary>
/// <param name="Input">Tokens read.</param>
/// <param name="Output">Tokens written.</param>
public sealed record ModelPrice(decimal Input, decimal Output);
