using System.Text.Json;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using Aegis.Tools.Arguments;

namespace Aegis.Core.Tests.Tools.Arguments;

/// <summary>Short words for tests of argument rules.</summary>
internal static class Judged
{
    /// <summary>What a rule on one argument says of a value: the rules that it breaks, or "passes".</summary>
    public static string By(ArgumentPolicy rule, object? value) => Show(Verdict(new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["value"] = rule } }, ("value", value)));

    /// <summary>What the rules of a tool say of arguments, given as JSON.</summary>
    public static string By(ToolPolicy tool, string json) => Show(Verdict(tool, json));

    public static Verdict Verdict(ToolPolicy tool, string json, JsonElement? schema = null) =>
        Verdict(tool, schema, [.. JsonDocument.Parse(json).RootElement.EnumerateObject().Select(static member => (member.Name, (object?)member.Value))]);

    public static Verdict Verdict(ToolPolicy tool, params (string, object?)[] arguments) => Verdict(tool, null, arguments);

    public static ToolPolicy Tool(params (string Path, ArgumentPolicy Rule)[] rules) => new() { Arguments = rules.ToDictionary(static rule => rule.Path, static rule => rule.Rule) };

    private static Verdict Verdict(ToolPolicy tool, JsonElement? schema, (string, object?)[] arguments)
    {
        var policy = Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["tool"] = tool } };
        PolicyCompiler.ThrowIfWrong(policy);
        var rules = new ToolRules(policy, [], null);
        var call = new ToolCall("tool", Given.Arguments(arguments)) { Tools = Toolset.Of([new ToolInfo("tool") { Schema = schema }], rules) };
        var judged = new ArgumentRulesGuard(rules).InspectAsync(call, default, Given.Cancel);
        Assert.True(judged.IsCompletedSuccessfully);
        return judged.AsTask().GetAwaiter().GetResult();
    }

    private static string Show(Verdict verdict) => verdict.Findings.IsEmpty ? "passes" : $"{verdict.Decision} {string.Join(' ', verdict.Findings.Select(static finding => finding.Rule))}";
}
