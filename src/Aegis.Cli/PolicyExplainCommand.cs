using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis policy explain</c>: a policy in words.</summary>
internal static class PolicyExplainCommand
{
    public static Command Create(IAnsiConsole console, TextWriter output)
    {
        var file = new Argument<string>("FILE") { Description = "A policy file, or the name of a preset." };
        var tool = new Option<string?>("--tool") { Description = "Says what holds for a tool of this name." };
        var json = PolicyOutput.Json();
        var command = new Command("explain", "Says which guard runs where, what holds, and where it was said.") { file, tool, json };
        command.SetAction(words =>
        {
            var policy = CommandLine.Policy(words.GetRequiredValue(file));
            var explanation = PolicyExplanation.Of(policy);
            string[] tools = words.GetValue(tool) is { } name ? [name] : [.. explanation.NamedTools];
            if (words.GetValue(json))
            {
                output.Write(PolicySchema.Write(ToJson(explanation, tools)));
            }
            else
            {
                Show(console, explanation, tools, isWhole: words.GetValue(tool) is null);
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, PolicyExplanation explanation, string[] tools, bool isWhole)
    {
        var policy = explanation.Policy;
        if (isWhole)
        {
            console.MarkupLineInterpolated($"Policy [bold]{policy.Name}[/]{(policy.Extends is { } extended ? $", extends {extended.Name}" : "")}: {Mode(policy)}");
            foreach (var (checkpoint, guards) in explanation.Checkpoints)
            {
                console.MarkupLineInterpolated($"\n[bold]{checkpoint}[/]");
                foreach (var (guard, does) in guards)
                {
                    console.MarkupLineInterpolated($"  {guard}: {does}");
                }
            }

            console.MarkupLine("\n[bold]budgets of a run[/]");
            foreach (var budget in explanation.Budgets)
            {
                console.MarkupLineInterpolated($"  {budget}");
            }
        }

        foreach (var tool in tools)
        {
            console.MarkupLineInterpolated($"\n[bold]tool {tool}[/]");
            foreach (var (what, holds) in explanation.Tool(tool))
            {
                console.MarkupLineInterpolated($"  {what}: {holds}");
            }
        }

        if (!isWhole)
        {
            return;
        }

        console.MarkupLine("\n[bold]values, and where they were said[/]");
        foreach (var (path, value, from) in explanation.Values)
        {
            console.MarkupLineInterpolated($"  {path} = {PolicyOutput.Inline(value)}  [dim]{from}[/]");
        }

        foreach (var note in PolicyAnalyzer.Analyze(policy, policy.Extends))
        {
            console.MarkupLineInterpolated($"\n[yellow]{note.Code}[/] {note.Path}: {note.Message}");
        }
    }

    private static string Mode(AegisPolicy policy) => policy.Mode switch
    {
        PolicyMode.Enforce => $"verdicts are enforced, a blocked request {(policy.OnBlock == OnBlock.Refuse ? "is answered with the refusal text" : "throws")}",
        PolicyMode.Monitor => "verdicts are recorded, nothing is blocked",
        _ => "switched off, nothing is inspected",
    };

    private static JsonObject ToJson(PolicyExplanation explanation, string[] tools) => new()
    {
        ["name"] = explanation.Policy.Name,
        ["extends"] = explanation.Policy.Extends?.Name,
        ["checkpoints"] = new JsonObject(explanation.Checkpoints.Select(static at => KeyValuePair.Create(at.Checkpoint, (JsonNode?)new JsonObject(at.Guards.Select(static guard => KeyValuePair.Create(guard.Guard, (JsonNode?)guard.Does)))))),
        ["budgets"] = new JsonArray([.. explanation.Budgets.Select(static budget => (JsonNode)budget)]),
        ["tools"] = new JsonObject(tools.Select(tool => KeyValuePair.Create(tool, (JsonNode?)new JsonArray([.. explanation.Tool(tool).Select(static fact => (JsonNode)$"{fact.What}: {fact.Holds}")])))),
        ["values"] = new JsonArray([.. explanation.Values.Select(static value => (JsonNode)new JsonObject { ["path"] = value.Path, ["value"] = value.Value?.DeepClone(), ["from"] = value.From })]),
        ["notes"] = PolicyOutput.Notes(PolicyAnalyzer.Analyze(explanation.Policy, explanation.Policy.Extends)),
    };
}
