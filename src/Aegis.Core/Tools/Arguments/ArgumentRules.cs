using System.Text.Json;
using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>The argument rules of one entry under <c>tools</c>, compiled. Immutable.</summary>
internal sealed class ArgumentRules
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = ToolArguments.MaxDepth + 2 };

    private readonly ArgumentNode _root = new();
    private readonly string? _refusesOthers;

    private ArgumentRules(string glob, ToolPolicy tool)
    {
        Glob = glob;
        Tool = tool;
        foreach (var (path, argument) in tool.Arguments)
        {
            var member = $"tools['{glob}'].arguments['{path}']";
            _root.At(ArgumentPath.Parse(path), member).Rules.Add(new(argument, member));
        }

        Sources = [.. SourceRule.Of(glob, tool)];
        _refusesOthers = tool.AdditionalArguments == AdditionalArguments.Block ? $"tools['{glob}'].additionalArguments" : null;
    }

    /// <summary>The entry's glob.</summary>
    public string Glob { get; }

    /// <summary>The entry.</summary>
    public ToolPolicy Tool { get; }

    /// <summary>What the entry says of where values come from.</summary>
    public IReadOnlyList<SourceRule> Sources { get; }

    /// <summary>The rules of an entry without mistakes; null when it has none.</summary>
    public static ArgumentRules? Of(string glob, ToolPolicy tool) => tool.Arguments.Count == 0 && tool.AdditionalArguments == AdditionalArguments.Allow ? null : new(glob, tool);

    /// <summary>The canonical JSON, read once for all rules of a tool.</summary>
    public static JsonDocument Read(ToolArguments arguments) => JsonDocument.Parse(arguments.Utf8, Deep);

    /// <summary>Judges arguments.</summary>
    /// <param name="arguments">All of them, well formed.</param>
    /// <param name="schema">The tool's schema, or null.</param>
    /// <param name="findings">Takes what is found.</param>
    public void Judge(JsonElement arguments, JsonElement? schema, ArgumentFindings findings)
    {
        foreach (var argument in arguments.EnumerateObject())
        {
            if (_refusesOthers is not null && !_root.Names.ContainsKey(argument.Name))
            {
                findings.Add("arguments/unknown", _refusesOthers, "no rule names an argument of this call", asks: false);
            }

            if (argument.Value.ValueKind == JsonValueKind.String && Below(_root, argument.Name) is { Count: > 0 } ruled && ParameterText.MayBeReadAsJson(argument.Value, argument.Name, schema))
            {
                findings.Add("arguments/type", ruled[0].Rules is [var rule, ..] ? rule.Member : ruled[0].Member, "a text that the function may read as something else", asks: false);
            }
        }

        Visit(arguments, [_root], findings);
    }

    private static void Visit(JsonElement value, List<ArgumentNode> places, ArgumentFindings findings)
    {
        foreach (var place in places)
        {
            foreach (var rule in place.Rules)
            {
                rule.Check(value, findings);
            }
        }

        if (places.TrueForAll(static place => place.IsLeaf))
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return;
            case JsonValueKind.Object:
                Required(value, places, findings);
                foreach (var member in value.EnumerateObject())
                {
                    VisitBelow(member.Value, places, member.Name, findings);
                }

                return;
            case JsonValueKind.Array:
                foreach (var place in places.Where(static place => place.Names.Count > 0))
                {
                    findings.Add("arguments/type", place.Member, "looks for a member in what is a list", asks: false);
                }

                foreach (var item in value.EnumerateArray())
                {
                    VisitBelow(item, places, null, findings);
                }

                return;
            default:   // a function may read more in a text than there is in it
                foreach (var place in places.Where(static place => !place.IsLeaf))
                {
                    findings.Add("arguments/type", place.Member, "looks for a member in what has none", asks: false);
                }

                return;
        }
    }

    private static void VisitBelow(JsonElement value, List<ArgumentNode> places, string? name, ArgumentFindings findings)
    {
        var below = new List<ArgumentNode>();
        foreach (var place in places)
        {
            below.AddRange(Below(place, name));
        }

        if (below.Count > 0)
        {
            Visit(value, below, findings);
        }
    }

    private static List<ArgumentNode> Below(ArgumentNode place, string? name)
    {
        var below = new List<ArgumentNode>(2);
        if (name is not null && place.Names.TryGetValue(name, out var named))
        {
            below.Add(named);
        }

        if (place.Any is { } any)
        {
            below.Add(any);
        }

        return below;
    }

    private static void Required(JsonElement value, List<ArgumentNode> places, ArgumentFindings findings)
    {
        HashSet<string>? there = null;
        foreach (var (name, rule) in from place in places from entry in place.Names from rule in entry.Value.Rules where rule.IsRequired select (entry.Key, rule))
        {
            there ??= new(value.EnumerateObject().Where(static member => member.Value.ValueKind != JsonValueKind.Null).Select(static member => member.Name), StringComparer.OrdinalIgnoreCase);
            if (!there.Contains(name))
            {
                rule.Fail(findings, "arguments/required", "required", "is missing");
            }
        }
    }
}
