using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis policy …</c></summary>
internal static class PolicyCommands
{
    public static Command Create(IAnsiConsole console, TextWriter output, TextWriter error) => new("policy", "Policies as files.")
    {
        Init(output, error),
        Validate(output, error),
        Explain(console, output),
        Diff(console, output),
        Schema(output),
    };

    private static Command Init(TextWriter output, TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "The new file: .json, .yaml or .yml.", DefaultValueFactory = static _ => "aegis.policy.json" };
        var preset = new Option<string>("--preset") { Description = "What it extends.", DefaultValueFactory = static _ => "balanced" };
        preset.AcceptOnlyFromAmong([.. Presets.Names]);
        var command = new Command("init", "Writes a policy file to start from.") { file, preset };
        command.SetAction(words =>
        {
            var path = words.GetRequiredValue(file);
            if (FileOrigin.FormatOf(path) is not { } format)
            {
                error.WriteLine($"{path}: call it .json, .yaml or .yml.");
                return ExitCode.Usage;
            }

            if (File.Exists(path))
            {
                error.WriteLine($"{path}: is there already.");
                return ExitCode.Usage;
            }

            var extended = words.GetRequiredValue(preset);
            var name = Path.GetFileName(path).Split('.')[0] is { Length: > 0 } first ? first : "policy";
            var capabilities = AegisPolicy.Preset(extended).Capabilities;
            File.WriteAllText(path, format == PolicyFormat.Json
                ? PolicySchema.Write(new JsonObject { ["version"] = 1, ["name"] = name, ["extends"] = extended, ["capabilities"] = PolicyShape.Root.Write(new() { Capabilities = capabilities with { Deny = [] } })!["capabilities"]!.DeepClone() })
                : $"version: 1\nname: \"{name}\"\nextends: {extended}\ncapabilities:\n  allow: {Listed(capabilities.Allow)}\n  deny: []   # adds to what is extended\n  requireApproval: {Listed(capabilities.RequireApproval)}\n");
            output.WriteLine($"{path}: extends '{extended}'. Next: aegis policy explain {path}");
            return ExitCode.Clean;
        });
        return command;
    }

    private static string Listed(IReadOnlyList<string> globs) => $"[{string.Join(", ", globs.Select(static glob => $"\"{glob}\""))}]";

    private static Command Validate(TextWriter output, TextWriter error)
    {
        var files = new Argument<string[]>("FILE") { Description = "Policy files, or names of presets.", Arity = ArgumentArity.OneOrMore };
        var gate = new Option<string>("--gate") { Description = "What makes the command fail beside mistakes: 'none', or 'notes' for rules without an effect.", DefaultValueFactory = static _ => "none" };
        gate.AcceptOnlyFromAmong("none", "notes");
        var json = Json();
        var command = new Command("validate", "Names every mistake of policy files, and rules without an effect.") { files, gate, json };
        command.SetAction(words =>
        {
            var result = new JsonArray();
            var (wrong, noted) = (0, 0);
            foreach (var file in words.GetRequiredValue(files))
            {
                var (errors, notes) = Check(file);
                wrong += errors.Count;
                noted += notes.Count;
                result.Add((JsonNode)new JsonObject
                {
                    ["file"] = file,
                    ["errors"] = new JsonArray([.. errors.Select(static e => (JsonNode)new JsonObject { ["code"] = e.Code, ["path"] = e.Path, ["message"] = e.Message, ["source"] = e.Source, ["line"] = e.Line, ["column"] = e.Column })]),
                    ["notes"] = new JsonArray([.. notes.Select(static note => (JsonNode)new JsonObject { ["code"] = note.Code, ["path"] = note.Path, ["message"] = note.Message })]),
                });
                if (!words.GetValue(json))
                {
                    foreach (var mistake in errors)
                    {
                        error.WriteLine(mistake);
                    }

                    foreach (var note in notes)
                    {
                        output.WriteLine($"{(note.Place.Line > 0 ? note.Place : file)}: {note.Code} {note.Path}: {note.Message}");
                    }

                    if (errors.Count == 0)
                    {
                        output.WriteLine($"{file}: no mistakes{(notes.Count == 0 ? "" : FormattableString.Invariant($", {notes.Count} notes"))}.");
                    }
                }
            }

            if (words.GetValue(json))
            {
                output.Write(PolicySchema.Write(result));
            }

            return wrong > 0 ? ExitCode.Usage : noted > 0 && words.GetValue(gate) == "notes" ? ExitCode.Findings : ExitCode.Clean;
        });
        return command;
    }

    private static (IReadOnlyList<PolicyError> Errors, IReadOnlyList<PolicyNote> Notes) Check(string file)
    {
        try
        {
            var policy = CommandLine.Policy(file);
            PolicyExplanation.Of(policy);   // what only the compiler sees: ids of rules
            return ([], [.. PolicyAnalyzer.Analyze(policy, policy.Extends).Where(note => !IsInherited(policy, note, file))]);
        }
        catch (PolicyException e)
        {
            return (e.Errors, []);
        }
    }

    /// <summary>Whether a note is about something that another document says.</summary>
    private static bool IsInherited(AegisPolicy policy, PolicyNote note, string file) =>
        policy.Places.TryGetValue(note.Path, out var place) && !string.Equals(place.Source, Presets.Names.Contains(file, StringComparer.Ordinal) ? $"preset {file}" : file, StringComparison.Ordinal);

    private static Command Explain(IAnsiConsole console, TextWriter output)
    {
        var file = new Argument<string>("FILE") { Description = "A policy file, or the name of a preset." };
        var tool = new Option<string?>("--tool") { Description = "Says what holds for a tool of this name." };
        var json = Json();
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
            console.MarkupLineInterpolated($"  {path} = {Inline(value)}  [dim]{from}[/]");
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
        ["notes"] = new JsonArray([.. PolicyAnalyzer.Analyze(explanation.Policy, explanation.Policy.Extends).Select(static note => (JsonNode)new JsonObject { ["code"] = note.Code, ["path"] = note.Path, ["message"] = note.Message })]),
    };

    private static Command Diff(IAnsiConsole console, TextWriter output)
    {
        var before = new Argument<string>("A") { Description = "A policy file, or the name of a preset." };
        var after = new Argument<string>("B") { Description = "The one that it is compared with." };
        var json = Json();
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

    private static Dictionary<string, string> Leaves(AegisPolicy policy) => PolicyShape.Root.Leaves(policy, "$").ToDictionary(static leaf => leaf.Path, static leaf => Inline(leaf.Value), StringComparer.Ordinal);

    private static Command Schema(TextWriter output)
    {
        var command = new Command("schema", "Writes the JSON schema of policy files, for editors.");
        command.SetAction(_ =>
        {
            output.Write(PolicySchema.Text());
            return ExitCode.Clean;
        });
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "Writes JSON." };

    /// <summary>A value on one line.</summary>
    private static string Inline(JsonNode? value)
    {
        var text = new StringBuilder();
        foreach (var line in PolicySchema.Write(value).Split('\n'))
        {
            text.Append(line.Trim());
        }

        return text.Replace("\",\"", "\", \"").ToString();
    }
}
