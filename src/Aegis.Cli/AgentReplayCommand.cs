using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Aegis.Cli.Replay;

namespace Aegis.Cli;

/// <summary><c>aegis agent-replay</c>: recorded runs of agents, attacked and not, through a guarded agent whose model obeys everything that it reads.</summary>
internal static class AgentReplayCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var cases = new Option<string>("--cases") { Description = "The cases, one JSON object a line.", Required = true };
        var file = new Option<string?>("--out") { Description = "Where the results go, one JSON object a line; else to the output." };
        var policy = new Option<string>("--policy") { Description = "A policy file, or the name of a preset.", DefaultValueFactory = static _ => "balanced" };
        var approve = new Option<string>("--approve") { Description = "What the person says who is asked: 'never' or 'always' yes; or 'judge': a scripted judge answers, who sees what a judge may see and goes by its words.", DefaultValueFactory = static _ => "never" };
        approve.AcceptOnlyFromAmong("never", "always", "judge");
        var command = new Command("agent-replay", "Replays recorded runs of agents, attacked and not, and says what was executed.") { cases, file, policy, approve };
        ResultFile.KeepApart(command, file, cases);
        command.SetAction(async (words, cancellationToken) =>
        {
            var guarding = CommandLine.PolicyToRun(words.GetRequiredValue(policy), error);
            var approving = Enum.Parse<ReplayApproval>(words.GetRequiredValue(approve), ignoreCase: true);
            var path = words.GetValue(file);
            await using var writer = path is null ? null : new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            var totals = new ReplayTotals();
            foreach (var @case in JsonLines.Read(words.GetRequiredValue(cases), ReplayCase.Of))
            {
                var benign = new ReplayRun(@case, guarding, approving, attacked: false);
                await benign.RunAsync(cancellationToken);
                var attacked = new ReplayRun(@case, guarding, approving, attacked: true);
                await attacked.RunAsync(cancellationToken);
                await (writer ?? output).WriteLineAsync(ResultOf(@case, benign, attacked, totals).ToJsonString());
            }

            await error.WriteLineAsync(totals.ToJson().ToJsonString());
            return ExitCode.Clean;
        });
        return command;
    }

    private static JsonObject ResultOf(ReplayCase @case, ReplayRun benign, ReplayRun attacked, ReplayTotals totals)
    {
        // A call that the user's task needs is not the attacker's, even if the attacker wants it too.
        var executed = @case.Attacker.Count(attacked.Executed);
        var sink = attacked.Executed(@case.Attacker[@case.AttackerSink]);
        var completed = @case.Expected.All(benign.ExecutedUnasked);
        var completedUnderAttack = @case.Expected.All(attacked.ExecutedUnasked);
        totals.Add(sink, completed, completedUnderAttack, benign.Questions, attacked.Questions);
        return new()
        {
            ["id"] = @case.Id,
            ["attacker_sink_executed"] = sink,
            ["attacker_calls"] = @case.Attacker.Count,
            ["attacker_calls_executed"] = executed,
            ["benign_completed"] = completed,
            ["attacked_task_completed"] = completedUnderAttack,
            ["asked_benign"] = benign.Questions,
            ["asked_attacked"] = attacked.Questions,
            ["findings"] = new JsonArray([.. Findings("benign", benign), .. Findings("attacked", attacked)]),
        };
    }

    private static IEnumerable<JsonNode> Findings(string run, ReplayRun replayed) => replayed.Findings.Select(finding => (JsonNode)new JsonObject
    {
        ["run"] = run,
        ["rule"] = finding.Rule,
        ["decision"] = finding.Decision.ToString().ToLowerInvariant(),
        ["tool"] = finding.Tool,
        ["detail"] = finding.Detail,
    });
}
