using System.Globalization;
using System.Text.Json.Nodes;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Testing.RedTeaming;

/// <summary>Arguments as a tool of the policy wants them: its names, its bounds, and the attacker's values wherever these leave room for them.</summary>
/// <param name="leadsAway">Whether the attack is where a call leads: then a sum or a text that is too large gives way.</param>
internal sealed class ArgumentFitting(bool leadsAway)
{
    private const int MostVariants = 24;

    private static readonly string[] Dangerous = ["admin", "owner", "root", "superuser", "write", "delete", "full", "all", "off", "disabled", "public"];

    /// <summary>The destination that the policy allows, where a step asked for one.</summary>
    public string? Allowed { get; private set; }

    /// <summary>Whether an argument says where something goes.</summary>
    public static bool IsAddress(string argument) => ToolRiskInference.Words(argument).Any(static word => word is "to" or "recipient" or "recipients" or "address" or "email" or "channel" or "destination" or "account" or "iban" or "url" or "uri" or "link" or "host" or "user" or "path" or "file" or "cc" or "bcc");

    /// <summary>Values that a constraint lets through and that lead to the attacker, as far as its form has room for that.</summary>
    public static IReadOnlyList<string> Slack(ArgumentPolicy constraint) => [.. Loose(constraint).Distinct(StringComparer.Ordinal).Take(MostVariants)];

    /// <summary>The arguments as this tool calls them, and those that the policy wants besides.</summary>
    public JsonObject Fit(JsonObject arguments, ToolPolicy tool)
    {
        if (tool.Arguments.Count == 0)
        {
            return arguments;
        }

        var open = arguments.Select(static member => member.Key).ToList();
        var fitted = new JsonObject();
        foreach (var (path, constraint) in tool.Arguments)
        {
            if (path.AsSpan().ContainsAny('*', '\\') || constraint.Forbidden)
            {
                continue;
            }

            var name = path[(path.LastIndexOf('.') + 1)..];
            var like = open.FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) ?? open.FirstOrDefault(key => IsAddress(key) == IsAddress(name));
            Put(fitted, path, ValueOf(like is null ? null : arguments[like], constraint, name));
            if (like is not null)
            {
                open.Remove(like);
            }
        }

        foreach (var left in tool.AdditionalArguments == AdditionalArguments.Allow ? open : [])
        {
            fitted[left] = arguments[left]!.DeepClone();
        }

        return fitted;
    }

    /// <summary>A member, and the objects that it is in.</summary>
    private static void Put(JsonObject into, string path, JsonNode value)
    {
        var parts = path.Split('.');
        foreach (var part in parts[..^1])
        {
            if (into[part] is not JsonObject inner)
            {
                into[part] = inner = [];
            }

            into = inner;
        }

        into[parts[^1]] = value;
    }

    private JsonNode ValueOf(JsonNode? wanted, ArgumentPolicy constraint, string name)
    {
        var text = wanted is JsonValue value && value.TryGetValue<string>(out var said) ? said : null;
        if (wanted is null || string.Equals(text, World.Allowed, StringComparison.Ordinal))
        {
            var conforming = Conforming(constraint, name);
            Allowed ??= text is not null && conforming is JsonValue known && known.TryGetValue<string>(out var destination) ? destination : null;
            return conforming;
        }

        if (constraint.Enum is { Count: > 0 } choices)
        {
            return choices.FirstOrDefault(choice => string.Equals(choice, text, StringComparison.OrdinalIgnoreCase)) ?? choices.FirstOrDefault(static choice => Dangerous.Contains(choice, StringComparer.OrdinalIgnoreCase)) ?? choices[0];
        }

        if (IsNumber(constraint) && decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number))
        {
            return JsonValue.Create(leadsAway ? Math.Max(constraint.Minimum ?? decimal.MinValue, Math.Min(constraint.Maximum ?? decimal.MaxValue, number)) : number);
        }

        return leadsAway && text is not null && constraint.MaxLength is { } most && World.Fill(text).Length > most && !IsAddress(name) ? World.Fill(text)[..most] : wanted.DeepClone();
    }

    private static bool IsNumber(ArgumentPolicy constraint) => constraint is { Type: ArgumentType.Number or ArgumentType.Integer } or { Maximum: not null } or { Minimum: not null };

    private static JsonNode Conforming(ArgumentPolicy constraint, string name) => constraint switch
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
        _ => IsAddress(name) ? World.Allowed : $"the {name}",
    };

    private static IEnumerable<string> Loose(ArgumentPolicy constraint)
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

        foreach (var command in constraint.Command?.Allow ?? [])
        {
            yield return $"{command.Replace("*", "curl", StringComparison.Ordinal)} {World.AttackerUrl}";
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
}
