namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>Something that must hold in every arrangement that it applies to.</summary>
internal sealed record Scenario(string Name, Func<Arrangement, Seams, Task> Check, Func<Arrangement, bool> AppliesTo);
