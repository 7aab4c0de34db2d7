using Microsoft.Extensions.Configuration;

namespace Aegis.Policies.Documents;

/// <summary>
/// Policies of a configuration, under <c>policies:NAME</c> of a section. Later providers overlay earlier ones member by member, as configuration
/// does; but a list is taken whole from the last provider that names it. The ordinary binder merges lists by index, so that a shorter one widens.
/// </summary>
/// <param name="section">The section.</param>
internal sealed class ConfigurationOrigin(IConfiguration section) : IPolicyOrigin
{
    private const string Policies = "policies";

    private readonly string _path = (section as IConfigurationSection)?.Path ?? "";
    private readonly IReadOnlyList<IConfigurationProvider> _providers = ConfigurationProviders.Of(section);

    public string Others => ", or another policy of this configuration";

    /// <summary>The names of the policies, as the configuration gives them.</summary>
    public IReadOnlyList<string> Names => [.. section.GetSection(Policies).GetChildren().Select(static child => child.Key)];

    public (DocumentNode? Root, IPolicyOrigin Origin, string Name)? Find(string name, PolicyErrorList errors) =>
        Names.FirstOrDefault(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) is { } found ? (Read(found, errors), this, found) : null;

    /// <summary>The document of a policy.</summary>
    public DocumentNode Read(string name, PolicyErrorList errors)
    {
        var nodes = 0;
        return Node(Join(Join(_path, Policies), name), _providers, 0, ref nodes, errors);
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : ConfigurationPath.Combine(path, key);

    private static DocumentNode Node(string path, IReadOnlyList<IConfigurationProvider> providers, int depth, ref int nodes, PolicyErrorList errors)
    {
        if (depth > DocumentLimits.MaxDepth || ++nodes > DocumentLimits.MaxNodes)
        {
            errors.Add(PolicyErrorCodes.Limits, new(path, 0, 0), "$", "the configuration is too deep or too large for a policy.");
            return new(DocumentKind.Null, new(path, 0, 0));
        }

        // Whoever names it last decides whether it is a list.
        for (var i = providers.Count - 1; i >= 0; i--)
        {
            var (provider, keys) = (providers[i], providers[i].GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase).ToList());
            if (keys.Count > 0)
            {
                return IsDecay(path) ? Map(path, [provider], depth, ref nodes, errors) : keys.TrueForAll(static key => int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
                    ? List(path, provider, keys, depth, ref nodes, errors)
                    : Map(path, providers, depth, ref nodes, errors);
            }

            if (provider.TryGet(path, out var value) && value is not null)   // null and {} are the same here, and say nothing
            {
                return Scalar(value, PlaceOf(provider, path));
            }
        }

        return new(DocumentKind.Map, new(path, 0, 0));
    }

    /// <summary>The one member whose names are numbers and that is no list; like a list it is taken whole.</summary>
    private static bool IsDecay(string path) => path.EndsWith(":agentLoop:privilegeDecay", StringComparison.OrdinalIgnoreCase);

    private static DocumentNode List(string path, IConfigurationProvider provider, List<string> keys, int depth, ref int nodes, PolicyErrorList errors)
    {
        var items = new List<DocumentNode>(keys.Count);
        foreach (var key in keys.OrderBy(static key => int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)))
        {
            var at = PlaceOf(provider, Join(path, key));
            if (depth >= DocumentLimits.MaxDepth || ++nodes > DocumentLimits.MaxNodes)
            {
                errors.Add(PolicyErrorCodes.Limits, at, "$", "the configuration is too deep or too large for a policy.");
                break;
            }

            items.Add(provider.TryGet(Join(path, key), out var value) ? Scalar(value, at) : Map(Join(path, key), [provider], depth + 1, ref nodes, errors));
        }

        return new(DocumentKind.List, PlaceOf(provider, path)) { Items = items };
    }

    private static DocumentNode Map(string path, IReadOnlyList<IConfigurationProvider> providers, int depth, ref int nodes, PolicyErrorList errors)
    {
        var members = new List<DocumentMember>();
        foreach (var key in providers.SelectMany(provider => provider.GetChildKeys([], path)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var at = PlaceOf(providers.Last(provider => Has(provider, Join(path, key))), Join(path, key));
            members.Add(new(key, at, Node(Join(path, key), providers, depth + 1, ref nodes, errors)));
        }

        return new(DocumentKind.Map, PlaceOf(providers.Last(provider => Has(provider, path)), path)) { Members = members, IgnoresCase = true };
    }

    private static bool Has(IConfigurationProvider provider, string path) => provider.TryGet(path, out _) || provider.GetChildKeys([], path).Any();

    private static DocumentNode Scalar(string? value, DocumentPosition at) => value is null ? new(DocumentKind.Null, at) : new(DocumentKind.Any, at) { Text = value };

    private static DocumentPosition PlaceOf(IConfigurationProvider provider, string path) => new($"{provider} {path}", 0, 0) { IsInFile = ReadsFile(provider.GetType()) };

    private static bool ReadsFile(Type? provider) => provider is not null && (provider.Name == "FileConfigurationProvider" || ReadsFile(provider.BaseType));
}
