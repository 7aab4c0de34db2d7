using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>Something that must hold in every arrangement that it applies to.</summary>
/// <param name="Name">What holds.</param>
/// <param name="Check">Throws where it does not.</param>
/// <param name="AppliesTo">Whether an arrangement can hold it.</param>
/// <param name="Limit">Why another one cannot.</param>
internal sealed record ConformanceScenario(string Name, Func<ConformanceArrangement, Func<ConformanceSetup, IChatClient>, Task> Check, Func<ConformanceArrangement, bool> AppliesTo, string? Limit);
