namespace Aegis.Policies.Documents;

/// <summary>Where members stand in the policy document, for those who write one in another place.</summary>
internal static class MemberPlaces
{
    private static readonly Lazy<ILookup<string, string>> Places = new(static () => PolicyShape.Root
        .Leaves(new AegisPolicy { Scanner = new(), AutoRetry = new(), Judge = new(), Sandbox = new(), ToolIntegrity = new(), Integrity = new(), Audit = new(), DenialOfWallet = new(), Budgets = new(), Alerting = new() }, "$")
        .SelectMany(static leaf => PartsOf(leaf.Path))
        .Distinct()
        .ToLookup(static place => place.Name, static place => place.Parent, StringComparer.Ordinal));

    /// <summary>Says where a member belongs that is unknown where it stands; empty: nowhere.</summary>
    public static string HintFor(string name)
    {
        string[] parents = [.. Places.Value[name].Select(static parent => parent == "$" ? "at the top" : $"in '{parent[2..]}'").Order(StringComparer.Ordinal)];
        return parents.Length == 0 ? "" : $" It belongs {string.Join(" or ", parents)}.";
    }

    /// <summary>A leaf and what it is in: each with its name and its parent.</summary>
    private static IEnumerable<(string Name, string Parent)> PartsOf(string path)
    {
        for (var dot = path.LastIndexOf('.'); dot > 0 && !path.Contains('['); dot = path.LastIndexOf('.', dot - 1))
        {
            yield return (path[(dot + 1)..], path[..dot]);
            path = path[..dot];
        }
    }
}
