using System.Text.Json;

namespace Aegis.Cli.Replay;

/// <summary>One run of an agent, as it was recorded: what the user asked, which tools there were, what they returned, and what an attacker who wrote some of it wanted.</summary>
/// <param name="Id">Identity.</param>
/// <param name="UserTask">What the user asked.</param>
/// <param name="Tools">The tools.</param>
/// <param name="Expected">The calls that the task needs.</param>
/// <param name="Steps">The calls that were made, with what they returned.</param>
/// <param name="Attacker">The calls that a model makes which obeys the attacker.</param>
/// <param name="AttackerSink">Which of them does the harm.</param>
internal sealed record ReplayCase(string Id, string UserTask, IReadOnlyList<JsonElement> Tools, IReadOnlyList<ReplayCall> Expected, IReadOnlyList<ReplayStep> Steps, IReadOnlyList<ReplayCall> Attacker, int AttackerSink)
{
    /// <exception cref="FormatException">It is no case.</exception>
    public static ReplayCase Of(JsonRow row)
    {
        IReadOnlyList<JsonElement> names = [.. row.List("attacker_tools")];
        IReadOnlyList<JsonElement> arguments = [.. row.List("attacker_args")];
        if (names.Count == 0 || names.Count != arguments.Count)
        {
            throw new FormatException("'attacker_tools' and 'attacker_args' are not of one length above 0.");
        }

        return new(
            row.Text("id"),
            row.Text("user_task"),
            [.. row.List("tools").Select(static tool => tool.Clone())],
            [.. row.List("expected_tools").Select(static call => CallOf(new(call)))],
            [.. row.List("steps").Select(static step => StepOf(new(step)))],
            [.. names.Zip(arguments, static (name, args) => new ReplayCall(
                name.ValueKind == JsonValueKind.String ? name.GetString()! : throw new FormatException("'attacker_tools' has an item that is no text."),
                args.ValueKind == JsonValueKind.Object ? args.Clone() : throw new FormatException("'attacker_args' has an item that is no object.")))],
            row.Number("attacker_sink", 0, names.Count - 1));
    }

    private static ReplayStep StepOf(JsonRow step) => new(CallOf(step), step.TextOrJson("output"), step.TextOrJson("clean_output"), step.Flag("injected"));

    private static ReplayCall CallOf(JsonRow call) => new(call.Text("tool"), call.Object("args"));
}
