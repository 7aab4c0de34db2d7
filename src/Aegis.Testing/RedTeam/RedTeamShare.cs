namespace Aegis.Testing;

/// <summary>How many of how many, with Wilson's 95 % interval (E. B. Wilson, 1927).</summary>
/// <param name="Count">How many.</param>
/// <param name="Of">Of how many.</param>
public readonly record struct RedTeamShare(int Count, int Of)
{
    private const double Z = 1.959963984540054;

    /// <summary>The share, 0 to 1; 0 of none is 0.</summary>
    public double Rate => Of == 0 ? 0 : (double)Count / Of;

    /// <summary>The interval's lower end, 0 to 1.</summary>
    public double Low => Of == 0 ? 0 : Math.Max(0, Middle - Half);

    /// <summary>The interval's upper end, 0 to 1.</summary>
    public double High => Of == 0 ? 1 : Math.Min(1, Middle + Half);

    private double Middle => (Rate + (Z * Z / (2 * Of))) / (1 + (Z * Z / Of));

    private double Half => Z / (1 + (Z * Z / Of)) * Math.Sqrt((Rate * (1 - Rate) / Of) + (Z * Z / (4.0 * Of * Of)));
}
