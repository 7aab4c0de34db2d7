namespace Aegis.Policies;

/// <summary>
/// When a tool's result is replaced by the data in it (<see cref="ToolPolicy.Extract"/>), taken out by an <see cref="IExtractor"/> as <see cref="AegisSandbox"/> does. What does not come
/// out is withheld. Results with media are not replaced.
/// </summary>
public sealed record SandboxPolicy
{
    /// <summary>Risk from which a result is replaced, above 0 and not above the block line; a field with such a risk is refused. What would be withheld for what is written in it is replaced too.</summary>
    /// <value>0.5.</value>
    public double Threshold { get; init; } = 0.5;
}
