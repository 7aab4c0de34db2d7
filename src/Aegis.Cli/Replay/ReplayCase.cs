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
    /// <exception cref="FormatException">The line is no case.</exception>
    public static ReplayCase Parse(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement.Clone();
            var names = root.GetProperty("attacker_tools").EnumerateArray().Select(static name => name.GetString()!);
            var arguments = root.GetProperty("attacker_args").EnumerateArray();
            return new(
                root.GetProperty("id").GetString()!,
                root.GetProperty("user_task").GetString()!,
                [.. root.GetProperty("tools").EnumerateArray()],
                [.. root.GetProperty("expected_tools").EnumerateArray().Select(static call => new ReplayCall(call.GetProperty("tool").GetString()!, call.GetProperty("args")))],
                [.. root.GetProperty("steps").EnumerateArray().Select(static step => new ReplayStep(
                    new(step.GetProperty("tool").GetString()!, step.GetProperty("args")),
                    TextOf(step.GetProperty("output")),
                    TextOf(step.GetProperty("clean_output")),
                    step.GetProperty("injected").GetBoolean()))],
                [.. names.Zip(arguments, static (name, args) => new ReplayCall(name, args))],
                root.GetProperty("attacker_sink").GetInt32());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException(FormattableString.Invariant($"line {number} is no case: {e.Message}"));
        }
    }

    private static string TextOf(JsonElement output) => output.ValueKind == JsonValueKind.String ? output.GetString()! : output.GetRawText();
}
