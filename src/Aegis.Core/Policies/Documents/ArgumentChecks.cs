using Aegis.Tools.Arguments;

namespace Aegis.Policies.Documents;

/// <summary>Mistakes in argument rules that show only when their members are seen together: what never holds, and what says nothing.</summary>
internal static class ArgumentChecks
{
    public static void Check(AegisPolicy policy, PolicyChecks checks)
    {
        foreach (var (glob, tool) in policy.Tools ?? new Dictionary<string, ToolPolicy>())
        {
            foreach (var (path, argument) in tool?.Arguments ?? new Dictionary<string, ArgumentPolicy>())
            {
                if (argument is not null)
                {
                    Check(path, argument, PolicyErrorList.Entry($"{PolicyErrorList.Entry("$.tools", glob)}.arguments", path), checks);
                }
            }
        }
    }

    private static void Check(string path, ArgumentPolicy argument, string at, PolicyChecks checks)
    {
        List<(string Member, string Kind)> wanted = [.. Wanted(argument)];
        if (argument.Forbidden && (argument.Required || argument.Type is not null || argument.Enum is not null || argument.From is not null || wanted.Count > 0))
        {
            Contradicts("forbidden", "lets nothing stand here that another member could be about. Keep one of them.");
        }

        if (argument.Required && ArgumentPath.Parse(path) is [.., null])
        {
            Contradicts("required", "names nothing: '*' is every member that there is. Require a member by its name.");
        }

        if (argument.Minimum > argument.Maximum)
        {
            Contradicts("minimum", "is more than maximum: no number holds.");
        }

        if (argument.MinLength > argument.MaxLength)
        {
            Contradicts("minLength", "is more than maxLength: no text holds.");
        }

        if (wanted.FirstOrDefault(member => !Fits(argument.Type, member.Kind)) is ({ } member, { } kind))
        {
            Contradicts(member, $"wants a {kind}, and type wants something else: nothing holds.");
        }
        else if (wanted.FirstOrDefault(other => !Agree(other.Kind, wanted[0].Kind)) is ({ } other, { } second))
        {
            Contradicts(other, $"wants a {second}, and {wanted[0].Member} a {wanted[0].Kind}: nothing holds.");
        }

        if (new[] { argument.Path is not null, argument.Url is not null, argument.Command is not null }.Count(static isThere => isThere) > 1)
        {
            Contradicts(argument.Command is not null ? "command" : "url", "stands beside another reading of the same text. Keep one of path, url and command.");
        }

        if (argument is { Otherwise: Otherwise.Ask, Forbidden: false, Required: false, Type: null, Enum: null, From: null } && wanted.Count == 0)
        {
            Contradicts("otherwise", "asks about nothing: no other member says what must hold.");
        }

        if (argument is { Url: not null, Restore.Count: > 0 })
        {
            Contradicts("restore", "stands beside url, and no value is ever put into a URL. Keep one of them.");
        }

        for (var i = 0; i < argument.Enum?.Count; i++)
        {
            if (argument.Enum[i] is { } value && !IsOf(value, argument.Type))
            {
                checks.Add(PolicyErrorCodes.Contradiction, FormattableString.Invariant($"{at}.enum[{i}]"), $"'{PolicyErrorList.Shown(value)}' is not of the type that type wants.");
            }
        }

        Filled("enum", argument.Enum?.Count);
        Filled("keys", argument.Keys?.Count);
        Filled("from", argument.From?.Count);
        Filled("path.under", argument.Path?.Under?.Count);
        Filled("url.hosts", argument.Url?.Hosts?.Count);
        Filled("url.schemes", argument.Url?.Schemes?.Count);
        Filled("url.ports", argument.Url?.Ports?.Count);
        Filled("command.allow", argument.Command?.Allow?.Count);
        if (argument.Path is { } file && Roots(file).OfType<string>().Select(CanonicalPath.LooksLikeWindows).Distinct().Count() > 1)
        {
            Contradicts("path", "has folders of Windows and of other systems. A path is read as one of them does: keep one kind.");
        }

        void Contradicts(string member, string message) => checks.Add(PolicyErrorCodes.Contradiction, $"{at}.{member}", message);

        void Filled(string member, int? count)
        {
            if (count == 0)
            {
                checks.Add(PolicyErrorCodes.Missing, $"{at}.{member}", "is empty, so that nothing holds. Add an item, leave it out, or say 'forbidden: true'.");
            }
        }
    }

    private static IEnumerable<string> Roots(ArgumentPathPolicy path) => [.. path.Under ?? [], .. path.Base is null ? Array.Empty<string>() : [path.Base]];

    private static IEnumerable<(string, string)> Wanted(ArgumentPolicy argument) => new (string Member, string Kind, bool IsThere)[]
    {
        ("pattern", "text", argument.Pattern is not null),
        ("minLength", "text", argument.MinLength is not null),
        ("maxLength", "text", argument.MaxLength is not null),
        ("path", "text", argument.Path is not null),
        ("url", "text", argument.Url is not null),
        ("command", "text", argument.Command is not null),
        ("minimum", "number", argument.Minimum is not null),
        ("maximum", "number", argument.Maximum is not null),
        ("maxItems", "list", argument.MaxItems is not null),
        ("keys", "member", argument.Keys is not null),
    }.Where(static member => member.IsThere).Select(static member => (member.Member, member.Kind));

    private static bool Fits(ArgumentType? type, string kind) => type is null || kind == type switch
    {
        ArgumentType.String => "text",
        ArgumentType.Number or ArgumentType.Integer => "number",
        ArgumentType.Array => "list",
        ArgumentType.Object => kind is "list" or "member" ? kind : "",
        _ => "",
    };

    /// <summary>Members of an object are counted like items of a list.</summary>
    private static bool Agree(string a, string b) => a == b || (a is "list" or "member" && b is "list" or "member");

    private static bool IsOf(string value, ArgumentType? type) => type switch
    {
        ArgumentType.Number or ArgumentType.Integer => ArgumentNumber.TryRead(value, out _),
        ArgumentType.Boolean => value is "true" or "false",
        ArgumentType.Object or ArgumentType.Array => false,
        _ => true,
    };
}
