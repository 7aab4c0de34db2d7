namespace Aegis.Testing.Tests;

/// <summary>A hardened policy in which one member says too much.</summary>
/// <param name="Name">What was said.</param>
/// <param name="Policy">The policy with it.</param>
/// <param name="Members">Members of the policy that would close it: a run that names one of them has found it.</param>
public sealed record PlantedHole(string Name, AegisPolicy Policy, IReadOnlyList<string> Members)
{
    public override string ToString() => Name;
}
