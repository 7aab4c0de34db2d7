using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

/// <summary>The rules that Aegis brings, as they are loaded, with the examples of their packs.</summary>
internal static class ProvenRules
{
    public static IReadOnlyList<Rule> All { get; } = [.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules).Zip(RulePack.Sources.SelectMany(static pack => pack.Rules), static (loaded, written) => loaded with { Match = written.Match, Pass = written.Pass })];
}
