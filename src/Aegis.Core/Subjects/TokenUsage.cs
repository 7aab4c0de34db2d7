namespace Aegis;

/// <summary>Tokens that a model response used, as the provider reported them.</summary>
/// <param name="Input">Tokens read.</param>
/// <param name="Output">Tokens written.</param>
/// <param name="Model">The model that was asked, for the price table.</param>
public readonly record struct TokenUsage(long Input, long Output, string? Model = null)
{
    /// <summary>All tokens.</summary>
    public long Total => Input + Output;
}
