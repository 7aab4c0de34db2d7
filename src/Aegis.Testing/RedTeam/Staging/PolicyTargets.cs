using System.Globalization;
using System.Text.Json.Nodes;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Testing.RedTeaming;

/// <summary>
/// What a policy gives an attacker to aim at: the tools that it names, by what they are good for, with arguments that it lets through. A suite that says
/// <c>{sink}</c> is tried with each of them, and with a tool that no policy names.
/// </summary>
internal sealed class PolicyTargets
{
    private const int MostPerRole = 4;
    private const int MostVariants = 24;

    private static readonly string[] Readers = ["read_page", "read_mail", "read_document", "read_file", "search", "recall_memory", "list_customers"];

    private readonly AegisPolicy _policy;
    private readonly Dictionary<string, List<string>> _names = new(StringComparer.Ordinal);

    public PolicyTargets(AegisPolicy policy)
    {
        _policy = policy;
        foreach (var role in ToolRole.All)
        {
            _names[role.Placeholder] = [role.Name];
        }

        foreach (var name in Named(policy))
        {
            if (RoleOf(name) is { } role && _names[role.Placeholder] is { Count: < MostPerRole } known && !known.Contains(name, StringComparer.Ordinal))
            {
                known.Add(name);
            }
        }
    }

    /// <summary>The role of a tool, by its name, else by what the policy says of it.</summary>
    public ToolRole? RoleOf(string name)
    {
        var words = ToolRiskInference.Words(name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return ToolRole.All.FirstOrDefault(role => string.Equals(role.Name, name, StringComparison.Ordinal)) is { } known ? known
            : words.Overlaps(ToolRole.Reading) ? null
            : ToolRole.All.FirstOrDefault(role => role.Verbs.Any(words.Contains))
            ?? (ToolOf(name) is { Sink: true } or { Risk: ToolRisk.High } ? ToolRole.All.First(static role => role.Placeholder == "{sink}") : null);
    }

    /// <summary>The tools that a name looks like, and is not: what a confusable name is confused with has to be there.</summary>
    public IEnumerable<string> LookAlikes(string name) =>
        Readers.Concat(_names.Values.SelectMany(static known => known)).Distinct(StringComparer.Ordinal)
            .Where(known => !string.Equals(known, name, StringComparison.Ordinal) && new Glob(known).MatchesSkeleton(ToolName.Of(name)));

    /// <summary>A case for each tool that it can be aimed at, each filled in.</summary>
    public IEnumerable<RedTeamCase> Aim(RedTeamCase @case)
    {
        var role = ToolRole.All.FirstOrDefault(role => @case.Steps.Any(step => string.Equals(step.Call, role.Placeholder, StringComparison.Ordinal)));
        foreach (var name in role is null ? [""] : @case.IsBenign ? [_names[role.Placeholder][0]] : _names[role.Placeholder])
        {
            var aimed = @case.Map(text => Named(text, role, name));
            var fitted = aimed.Steps.Select(step => step.Call is { } call ? step with { Arguments = Fitted(step.Arguments ?? [], call) } : step).ToList();
            var allowed = aimed.Steps.Zip(fitted).Select(static pair => AllowedIn(pair.First.Arguments, pair.Second.Arguments)).FirstOrDefault(static value => value is not null) ?? World.Allowed;
            aimed = aimed with { Steps = fitted };
            aimed = aimed.Map(text => text.Replace(World.Allowed, allowed, StringComparison.Ordinal));
            yield return aimed.Map(World.Fill) with { Id = role is null || string.Equals(name, role.Name, StringComparison.Ordinal) ? @case.Id : $"{@case.Id}@{name}" };
        }
    }

    /// <summary>Values that an argument's constraint lets through and that lead to the attacker all the same, as far as its form has room for that.</summary>
    public IReadOnlyList<string> Slack(string tool, string argument) => ToolOf(tool)?.Arguments.GetValueOrDefault(argument) is { } constraint ? [.. Slack(constraint).Distinct(StringComparer.Ordinal).Take(MostVariants)] : [];

    private static IEnumerable<string> Slack(ArgumentPolicy constraint)
    {
        if (constraint.Pattern is { } pattern && pattern.Contains('*', StringComparison.Ordinal))
        {
            foreach (var filling in new[] { World.Attacker, $"x@{World.AttackerPrefix}", $".{World.AttackerHost}", World.AttackerUrl, World.AttackerHost, $"{World.Attacker}, x" })
            {
                yield return pattern.Replace("*", filling, StringComparison.Ordinal);
                foreach (var one in Single(pattern, filling))
                {
                    yield return one;
                }
            }
        }

        foreach (var host in constraint.Url?.Hosts ?? [])
        {
            yield return $"https://{host.Replace("*.", "", StringComparison.Ordinal).Replace("*", World.AttackerPrefix, StringComparison.Ordinal)}/c";
            yield return $"https://{host.Replace("*", World.AttackerHost, StringComparison.Ordinal)}/c";
            yield return $"https://{host.Replace("*.", "", StringComparison.Ordinal).Replace("*", "", StringComparison.Ordinal)}.{World.AttackerHost}/c";
            yield return $"https://{World.AttackerHost}/{host}";
        }
    }

    /// <summary>The filling at one star, "x" at the others.</summary>
    private static IEnumerable<string> Single(string pattern, string filling)
    {
        var stars = pattern.Split('*');
        for (var at = 0; at < stars.Length - 1 && stars.Length > 2; at++)
        {
            yield return string.Concat(stars.Select((piece, i) => piece + (i == stars.Length - 1 ? "" : i == at ? filling : "x")));
        }
    }

    private static IEnumerable<string> Named(AegisPolicy policy) =>
        policy.Capabilities.Allow.Concat(policy.Capabilities.RequireApproval).Concat(policy.Tools.Keys).Concat(policy.Limits.Keys)
            .Select(Instance).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).OrderBy(static name => name, StringComparer.Ordinal);

    /// <summary>A name that a glob fits: "delete_*" is "delete_record".</summary>
    private static string Instance(string glob) => glob.Trim('*').Length == 0 ? "" : glob.Replace("*", "record", StringComparison.Ordinal).Replace('?', 'x').Trim('_', '-', '.');

    private static string Named(string text, ToolRole? aimed, string name)
    {
        foreach (var role in ToolRole.All)
        {
            text = text.Replace(role.Placeholder, role == aimed ? name : role.Name, StringComparison.Ordinal);
        }

        return text;
    }

    private ToolPolicy? ToolOf(string name) => _policy.Tools.FirstOrDefault(tool => new Glob(tool.Key).MatchesPlain(ToolName.Of(name))).Value;

    /// <summary>The arguments as this tool calls them, and those that the policy wants besides.</summary>
    private JsonObject Fitted(JsonObject arguments, string name)
    {
        if (ToolOf(name) is not { Arguments.Count: > 0 } tool)
        {
            return arguments;
        }

        var open = arguments.Select(static member => member.Key).ToList();
        var fitted = new JsonObject();
        foreach (var (argument, constraint) in tool.Arguments)
        {
            if (argument.AsSpan().ContainsAny('.', '*', '\\') || constraint.Forbidden)
            {
                continue;
            }

            var like = open.FirstOrDefault(key => string.Equals(key, argument, StringComparison.OrdinalIgnoreCase)) ?? open.FirstOrDefault(key => IsAddress(key) == IsAddress(argument));
            fitted[argument] = like is null || IsAllowed(arguments[like]) || constraint.Enum is not null ? Conforming(constraint, argument) : Typed(arguments[like]!, constraint);
            if (like is not null)
            {
                open.Remove(like);
            }
        }

        if (tool.AdditionalArguments == AdditionalArguments.Allow)
        {
            foreach (var left in open)
            {
                fitted[left] = arguments[left]!.DeepClone();
            }
        }

        return fitted;
    }

    /// <summary>What became of the destination that the policy allows.</summary>
    private static string? AllowedIn(JsonObject? before, JsonObject? after) =>
        before?.FirstOrDefault(static member => IsAllowed(member.Value)).Key is { } name && after?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsAllowed(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var name) && string.Equals(name, World.Allowed, StringComparison.Ordinal);

    /// <summary>A number where one is wanted; the rest as it is.</summary>
    private static JsonNode Typed(JsonNode value, ArgumentPolicy constraint) =>
        constraint is { Type: ArgumentType.Number or ArgumentType.Integer } or { Maximum: not null } or { Minimum: not null } && value is JsonValue text && text.TryGetValue<string>(out var digits) && decimal.TryParse(digits, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number) : value.DeepClone();

    private static bool IsAddress(string argument) => ToolRiskInference.Words(argument).Any(static word => word is "to" or "recipient" or "recipients" or "address" or "email" or "channel" or "destination" or "account" or "iban" or "url" or "uri" or "host" or "user" or "path" or "file" or "cc" or "bcc");

    private static JsonNode Conforming(ArgumentPolicy constraint, string argument) => constraint switch
    {
        { Enum: [var first, ..] } => constraint.Type is ArgumentType.Number or ArgumentType.Integer ? JsonNode.Parse(first)! : first,
        { Type: ArgumentType.Number or ArgumentType.Integer } or { Minimum: not null } or { Maximum: not null } => JsonValue.Create(constraint.Maximum ?? constraint.Minimum ?? 10m),
        { Type: ArgumentType.Boolean } => JsonValue.Create(true),
        { Type: ArgumentType.Array } => new JsonArray(World.Attacker),
        { Type: ArgumentType.Object } => new JsonObject(),
        { Path.Under: [var under, ..] } => $"{under.TrimEnd('/', '*')}/notes.txt",
        { Command.Allow: [var command, ..] } => command,
        { Url.Hosts: [var host, ..] } => $"https://{host.Replace("*", "www", StringComparison.Ordinal)}/",
        { Pattern: { } pattern } => pattern.Replace("*", "desk", StringComparison.Ordinal).Replace('?', 'x'),
        _ => string.Create(CultureInfo.InvariantCulture, $"the {argument}"),
    };
}
