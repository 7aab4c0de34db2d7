namespace Aegis.Policies.Documents;

/// <summary>Makes a policy of a document and of those that it extends, naming every mistake at once.</summary>
internal sealed class PolicyLoader
{
    private readonly PolicyErrorList _errors = new();

    private PolicyLoader()
    {
    }

    /// <exception cref="PolicyException">The file, or one that it extends, has mistakes.</exception>
    public static AegisPolicy Load(string path)
    {
        var loader = new PolicyLoader();
        if (FileOrigin.FullPath(path, "", loader._errors) is not { } full)
        {
            throw new PolicyException(loader._errors.Errors);
        }

        return loader.Made(FileOrigin.Read(path, loader._errors), new FileOrigin(Path.GetDirectoryName(full)!), NameOf(path), [full]);
    }

    /// <exception cref="PolicyException">The text has mistakes.</exception>
    public static AegisPolicy Parse(string text, PolicyFormat format, string source, string name)
    {
        var loader = new PolicyLoader();
        return loader.Made(FileOrigin.Read(source, text, format, loader._errors), TextOrigin.Instance, name, []);
    }

    /// <exception cref="PolicyException">The configuration has no such policy, or it has mistakes.</exception>
    public static AegisPolicy Load(ConfigurationOrigin configuration, string name)
    {
        var loader = new PolicyLoader();
        if (configuration.Find(name, loader._errors) is not var (root, origin, found))
        {
            throw new PolicyException([new("$.policies", $"the configuration has no policy '{PolicyErrorList.Shown(name)}'.{Suggestion.For(name, configuration.Names)} It has: {(configuration.Names.Count == 0 ? "none" : string.Join(", ", configuration.Names))}.") { Code = PolicyErrorCodes.Extends }]);
        }

        return loader.Made(root, origin, found, [found]);
    }

    /// <summary>The name of a policy that does not say one: that of its file.</summary>
    private static string NameOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name.EndsWith(".policy", StringComparison.OrdinalIgnoreCase) ? name[..^".policy".Length] : name;
    }

    private AegisPolicy Made(DocumentNode? root, IPolicyOrigin origin, string name, List<string> chain)
    {
        var reading = new PolicyReading(_errors);
        var policy = root is null ? new() : Read(root, origin, name, chain, reading);
        if (root is not null)
        {
            PolicyCompiler.Check(policy, new(reading.Places, _errors));
        }

        return _errors.Errors.Count == 0 ? policy with { Places = reading.Places }
            : throw new PolicyException([.. _errors.Errors.OrderBy(static error => error.Source, StringComparer.Ordinal).ThenBy(static error => error.Line).ThenBy(static error => error.Column)]);
    }

    private AegisPolicy Read(DocumentNode root, IPolicyOrigin origin, string name, List<string> chain, PolicyReading reading)
    {
        var policy = Extended(root, origin, chain, reading);
        if (Member(root, "version") is { Value: var version } && version is not { Kind: DocumentKind.Number or DocumentKind.Any, Text: "1" })
        {
            _errors.Add(PolicyErrorCodes.Version, version.At, "$.version", version.Kind == DocumentKind.Number ? $"'{PolicyErrorList.Shown(version.Text)}' is not a version that is known here. Use 1." : "wants the number 1.");
        }

        if (origin is ConfigurationOrigin && Presets.Names.Contains(name, StringComparer.OrdinalIgnoreCase) && !string.Equals(Member(root, "extends")?.Value.Text, name, StringComparison.OrdinalIgnoreCase))
        {
            _errors.Add(PolicyErrorCodes.Name, root.At, "$", $"'{PolicyErrorList.Shown(name)}' is the name of a preset. Extend that preset, or take another name.");
        }

        policy = policy with { Name = name, Extends = Member(root, "extends") is null ? null : policy };
        PolicyShape.Root.TryRead(root, "$", policy, reading, out policy);
        return policy;
    }

    private AegisPolicy Extended(DocumentNode root, IPolicyOrigin origin, List<string> chain, PolicyReading reading)
    {
        if (Member(root, "extends") is not { Value: var said })
        {
            return new();
        }

        if (said.Kind is not (DocumentKind.Text or DocumentKind.Any))
        {
            _errors.Add(PolicyErrorCodes.Type, said.At, "$.extends", "wants the name of a preset.");
            return new();
        }

        var isItself = chain.Count > 0 && string.Equals(chain[^1], said.Text, StringComparison.OrdinalIgnoreCase) && Presets.Names.Contains(said.Text, StringComparer.Ordinal);   // a policy named like the preset that it extends
        if (!isItself && origin.Find(said.Text, _errors) is var (found, next, name))
        {
            if (chain.Contains(name, StringComparer.Ordinal) || chain.Count >= DocumentLimits.MaxExtends)
            {
                _errors.Add(PolicyErrorCodes.Extends, said.At, "$.extends", chain.Contains(name, StringComparer.Ordinal)
                    ? $"'{PolicyErrorList.Shown(said.Text)}' extends this document again. Break the circle."
                    : FormattableString.Invariant($"more than {DocumentLimits.MaxExtends} documents extend each other. Merge some."));
                return new();
            }

            return found is null ? new() : Read(found, next, NameOf(name), [.. chain, name], reading);
        }

        if (!Presets.Names.Contains(said.Text, StringComparer.Ordinal))
        {
            _errors.Add(PolicyErrorCodes.Extends, said.At, "$.extends", $"'{PolicyErrorList.Shown(said.Text)}' is not a preset.{Suggestion.For(said.Text, Presets.Names)} Use one of: {string.Join(", ", Presets.Names)}{origin.Others}.");
            return new();
        }

        var preset = Presets.Get(said.Text);
        foreach (var (path, place) in preset.Places)
        {
            reading.Places[path] = place;
        }

        return preset;
    }

    private static DocumentMember? Member(DocumentNode root, string name) => root.Members.FirstOrDefault(member => string.Equals(member.Name, name, root.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
}
