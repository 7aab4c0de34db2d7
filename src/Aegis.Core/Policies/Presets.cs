using System.Collections.Concurrent;
using Aegis.Policies.Documents;

namespace Aegis.Policies;

/// <summary>The presets and the policies for common uses: documents in <c>Presets</c>. Those that allow every tool say so with <c>*</c>.</summary>
internal static class Presets
{
    private static readonly ConcurrentDictionary<string, AegisPolicy> Known = new(StringComparer.Ordinal);

    /// <summary>Presets from which everything that lets something out unread is refused, in whatever extends them too.</summary>
    private static readonly string[] Hardened = ["strict", "paranoid"];

    public static IReadOnlyList<string> Names { get; } = ["strict", "balanced", "permissive", "customer-support", "code-assistant", "paranoid", "banking", "healthcare", "creative-writing", "internal-tool"];

    public static AegisPolicy Get(string name) => Names.Contains(name, StringComparer.Ordinal)
        ? Known.GetOrAdd(name, Read)
        : throw new PolicyException([new("preset", $"'{PolicyErrorList.Shown(name)}' is not a preset.{Suggestion.For(name, Names)} Use one of: {string.Join(", ", Names)}.") { Code = PolicyErrorCodes.Extends }]);

    /// <summary>The document of a preset.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(Presets).Assembly.GetManifestResourceStream($"{name}.policy.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static AegisPolicy Read(string name)
    {
        var policy = PolicyLoader.Parse(Text(name), PolicyFormat.Json, $"preset {name}", name);
        return policy with { IsHardened = policy.IsHardened || Hardened.Contains(name, StringComparer.Ordinal) };
    }
}
