using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;

namespace Aegis.Cli;

/// <summary><c>aegis policy validate</c>: every mistake, and every rule without an effect.</summary>
internal static class PolicyValidateCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var files = new Argument<string[]>("FILE") { Description = "Policy files, or names of presets.", Arity = ArgumentArity.OneOrMore };
        var gate = new Option<string>("--gate") { Description = "What makes the command fail beside mistakes: 'none', or 'notes' for rules without an effect.", DefaultValueFactory = static _ => "none" };
        gate.AcceptOnlyFromAmong("none", "notes");
        var json = PolicyOutput.Json();
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
                    ["notes"] = PolicyOutput.Notes(notes),
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
                        output.WriteLine($"{file}: no mistakes{(notes.Count == 0 ? "" : FormattableString.Invariant($", {notes.Count} {(notes.Count == 1 ? "note" : "notes")}"))}.");
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
}
