using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Policies;
using Aegis.Policies.Documents;

namespace Aegis.Cli;

/// <summary><c>aegis policy init</c>: a file to start from.</summary>
internal static class PolicyInitCommand
{
    public static Command Create(TextWriter output, TextWriter error)
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
}
