using Aegis.Policies;

namespace Aegis;

/// <summary>How a guard is.</summary>
/// <param name="Mistakes">Why the policy that was loaded last is not at work; none: it is.</param>
/// <param name="Since">When that began, in UTC.</param>
public sealed record AegisHealth(IReadOnlyList<PolicyError> Mistakes, DateTimeOffset Since)
{
    /// <summary>Whether the guard works with an older policy than the one that was loaded last.</summary>
    public bool IsDegraded => Mistakes.Count > 0;

    /// <summary>Healthy, or every mistake on a line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => IsDegraded ? $"Degraded since {Since:O}:{string.Concat(Mistakes.Select(static mistake => $"\n  {mistake}"))}" : "Healthy";
}
