using Aegis.Policies;

namespace Aegis.Scanning.Rules;

/// <summary>Rules from a <c>*.rules.json</c> file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rules">Its rules.</param>
internal sealed record RulePack(string Name, IReadOnlyList<Rule> Rules)
{
    private const string Extension = ".rules.json";

    private static readonly Lazy<IReadOnlyList<RulePack>> OwnSources = new(LoadSources);

    /// <summary>The packs that Aegis brings, by name, read once, without their examples.</summary>
    public static IReadOnlyList<RulePack> BuiltIn => RuleTable.BuiltIn.Packs;

    /// <summary>The same as they are written, with their examples.</summary>
    public static IReadOnlyList<RulePack> Sources => OwnSources.Value;

    /// <summary>A pack as it stands, its examples not run.</summary>
    /// <exception cref="PolicyException">The pack has mistakes: all of them.</exception>
    public static RulePack Parse(string json, string source)
    {
        var reader = new RulePackReader(json, source, new HashSet<string>());
        var pack = reader.Read();
        return reader.Errors.Count == 0 ? pack : throw new PolicyException(reader.Errors);
    }

    /// <summary>A pack whose examples behave.</summary>
    /// <param name="json">The pack.</param>
    /// <param name="source">What mistakes call it.</param>
    /// <param name="taken">The ids of the other packs' rules; those of this one are added.</param>
    /// <exception cref="PolicyException">The pack has mistakes, or examples do not behave: all of them.</exception>
    public static RulePack Prove(string json, string source, HashSet<string> taken)
    {
        var reader = new RulePackReader(json, source, taken);
        var pack = reader.Read();
        reader.RunExamples();
        taken.UnionWith(pack.Rules.Select(static rule => rule.Id));
        return reader.Errors.Count == 0 ? pack : throw new PolicyException(reader.Errors);
    }

    private static IReadOnlyList<RulePack> LoadSources() =>
        [.. typeof(RulePack).Assembly.GetManifestResourceNames().Where(static name => name.EndsWith(Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(LoadSource)];

    private static RulePack LoadSource(string resource)
    {
        using var stream = typeof(RulePack).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd(), resource);
    }
}
