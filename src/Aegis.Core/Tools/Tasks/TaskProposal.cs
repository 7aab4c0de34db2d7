namespace Aegis.Tools;

/// <summary>Which tools a request needs, by the words of both.</summary>
internal static class TaskProposal
{
    private const int MaxDescription = 4_096;

    /// <summary>The tools that stay, and why.</summary>
    public static Dictionary<string, string> Of(string request, Toolset tools)
    {
        var words = new RequestWords(request);
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        var acting = new List<(string Name, List<string> Words, HashSet<string> Actions, HashSet<string> Things)>();
        foreach (var tool in tools.Tools)
        {
            var named = NamesOf(tool);
            var actions = ActionsOf(tool, named);
            var (risk, reason) = tools.RiskOf(tool.Name);
            var isRisky = risk > ToolRisk.Low && string.Equals(reason, ToolRules.Declared, StringComparison.Ordinal);
            if (risk == ToolRisk.Low || (!isRisky && Reads(tool, named)))
            {
                reasons[tool.Name] = "it only reads";
            }
            else if (tool is { ReadOnly: true, Kind: ToolKind.Function } and not { Destructive: true } && actions.Count == 0 && !isRisky)
            {
                reasons[tool.Name] = "it says that it only reads";
            }
            else if (actions.Count > 0)
            {
                acting.Add((tool.Name, named, actions, ThingsOf(named)));
            }
            else if (named.Exists(word => word.Length > 2 && words.Stems.Contains(TaskWords.StemOf(word))))
            {
                reasons[tool.Name] = "the request has a word of its name";
            }
        }

        foreach (var (verb, actions, next) in words.Asked)
        {
            var able = acting.FindAll(tool => tool.Actions.Overlaps(actions));
            able = able.Exists(tool => tool.Words.Contains(verb)) ? able.FindAll(tool => tool.Words.Contains(verb)) : able;
            able = able.Exists(tool => tool.Things.Overlaps(next)) ? able.FindAll(tool => tool.Things.Overlaps(next)) : able;
            able.ForEach(tool => reasons.TryAdd(tool.Name, $"the request says '{verb}'"));
        }

        return reasons;
    }

    /// <summary>By the beginning of its name, <c>get_order</c> orders nothing; or by a word like that, where a plugin or vendor comes first and no verb says something else.</summary>
    private static bool Reads(ToolInfo tool, List<string> named)
    {
        var known = TaskWords.Default;
        var first = tool.LocalName is { } local ? ToolRiskInference.Words(local).FirstOrDefault("") : named.FirstOrDefault("");
        return tool is { Destructive: not true, Kind: ToolKind.Function } && !named.Exists(known.Joins.Contains)
            && (known.Reads.Contains(first) || (named.Exists(known.Reads.Contains) && !named.Exists(word => known.OfVerb(word).Count > 0)));
    }

    private static List<string> NamesOf(ToolInfo tool)
    {
        var words = ToolRiskInference.Words(tool.Name).ToList();
        return words.Count > 0 ? words : [.. RequestWords.Split(tool.Name).Select(static word => word.Word)];
    }

    /// <summary>What a tool does: the verbs of its name, else what can be one, else the verb with which its description begins.</summary>
    private static HashSet<string> ActionsOf(ToolInfo tool, List<string> named)
    {
        var known = TaskWords.Default;
        var actions = tool.Kind switch
        {
            ToolKind.CodeInterpreter => ["run"],
            ToolKind.ImageGeneration => ["create"],
            _ => named.SelectMany(known.OfVerb).ToHashSet(StringComparer.Ordinal),
        };
        if (actions.Count == 0)
        {
            actions.UnionWith(named.SelectMany(known.OfNoun));
        }

        if (actions.Count == 0 && tool.Description is { Length: > 0 } description && RequestWords.Split(description.Length > MaxDescription ? description[..MaxDescription] : description) is [var (first, _), ..])
        {
            actions.UnionWith(known.OfVerb(first));
            actions.UnionWith(first is [.. var verb, 's'] ? known.OfVerb(verb) : []);
        }

        return actions;
    }

    /// <summary>What a tool does it to: the words of its name that are no verbs.</summary>
    private static HashSet<string> ThingsOf(List<string> named) =>
        named.Where(static word => word.Length > 2 && TaskWords.Default.OfVerb(word).Count == 0).Select(TaskWords.StemOf).ToHashSet(StringComparer.Ordinal);
}
