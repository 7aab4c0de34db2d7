namespace Aegis.Policies.Documents;

/// <summary>What a policy document may be, so that none is a bomb.</summary>
internal static class DocumentLimits
{
    public const int MaxBytes = 262_144;

    public const int MaxDepth = 64;

    public const int MaxNodes = 20_000;

    /// <summary>Documents that extend each other.</summary>
    public const int MaxExtends = 8;
}
