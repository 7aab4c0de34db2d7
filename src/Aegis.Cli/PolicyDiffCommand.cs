using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis policy diff</c>: what changed, and whether more may pass.</summary>
internal static class PolicyDiffCommand
{
    public static Command Create(IAnsiConsole console, TextWriter output)
    {
        var before = new Argument<string>("A") { Description = "A policy file, or the name of a preset." };
        var after = new Argument<string>("B") { Description = "The one that it is compared with." };
        var json = PolicyOutput.Json();
        var command = new Command("diff", "Says what differs between two policies, and fails when B may let something pass that A does not.") { before, after, json };
        command.SetAction(words =>
        {
            var (a, b) = (CommandLine.Policy(words.GetRequiredValue(before)), CommandLine.Policy(words.GetRequiredValue(after)));
            var widenings = PolicyComparison.Widenings(b, a);
            var (left, right) = (Leaves(a), Leaves(b));
            var changes = left.Keys.Union(right.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(path => path != "$.name" && left.GetValueOrDefault(path) != right.GetValueOrDefault(path)).ToList();
            if (words.GetValue(json))
            {
                output.Write(PolicySchema.Write(new JsonObject
                {
                    ["changes"] = new JsonArray([.. changes.Select(path => (JsonNode)new JsonObject { ["path"] = path, ["a"] = left.GetValueOrDefault(path), ["b"] = right.GetValueOrDefault(path) })]),
                    ["widens"] = new JsonArray([.. widenings.Select(static widening => (JsonNode)new JsonObject { ["path"] = widening.Path, ["reason"] = widening.Reason })]),
                }));
            }
            else
            {
                foreach (var path in changes)
                {
                    console.MarkupLineInterpolated($"{path}: [red]{left.GetValueOrDefault(path) ?? "(not there)"}[/] -> [green]{right.GetValueOrDefault(path) ?? "(not there)"}[/]");
                }

                foreach (var widening in widenings)
                {
                    console.MarkupLineInterpolated($"[yellow]widens[/] {widening.Path}: {widening.Reason}");
                }

                console.MarkupLineInterpolated($"{(changes.Count == 0 ? "No difference." : widenings.Count == 0 ? "B lets nothing pass that A does not." : "B may let something pass that A does not.")}");
            }

            return widenings.Count > 0 ? ExitCode.Findings : ExitCode.Clean;
        });
        return command;
    }

    private static Dictionary<string, string> Leaves(AegisPolicy policy) => PolicyShape.Root.Leaves(policy, "$").ToDictionary(static leaf => leaf.Path, static leaf => PolicyOutput.Inline(leaf.Value), StringComparer.Ordinal);
}
