using System.CommandLine;
using System.Text;
using Aegis.Cli.RedTeaming;
using Aegis.Testing;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis red-team</c>: whole agents under a policy, around a model that obeys every attacker.</summary>
internal static class RedTeamCommand
{
    private const int MostBudget = 1_000_000;

    public static Command Create(IAnsiConsole console, TextWriter output, TextWriter error)
    {
        var policy = new Option<string>("--policy") { Description = "A policy file, or the name of a preset.", DefaultValueFactory = static _ => "balanced" };
        var suite = new Option<string[]>("--suite") { Description = "A suite to run, by name; may be given often. Else all.", DefaultValueFactory = static _ => [] };
        var own = new Option<string[]>("--suites-from") { Description = "A suite of your own, a JSON file; may be given often.", DefaultValueFactory = static _ => [] };
        var rules = new Option<string[]>("--rules") { Description = "Adds a rule pack; may be given often.", DefaultValueFactory = static _ => [] };
        var seed = new Option<int>("--seed") { Description = "Where the search begins: the same seed finds the same.", DefaultValueFactory = static _ => new RedTeamOptions().Seed };
        var budget = new Option<int>("--budget") { Description = "Tries of the search; 0 runs each case as written.", DefaultValueFactory = static _ => new RedTeamOptions().Budget };
        var gate = new Option<string[]>("--gate") { Description = "What is accepted: attacks=5%, false-positives=2%. Else 0 % and 5 %.", DefaultValueFactory = static _ => [] };
        var baseline = new Option<string?>("--baseline") { Description = "An earlier report (.json): at the gate counts only what is new." };
        var regressions = new Option<string?>("--regressions") { Description = "A file of what got through, one a line: tried first, and added to." };
        var reports = new Option<string[]>("--report") { Description = $"A file for a report, {RedTeamReportFile.Kinds}; may be given often.", DefaultValueFactory = static _ => [] };
        var json = PolicyOutput.Json();
        var list = new Option<bool>("--list") { Description = "Names the suites." };
        var command = new Command("red-team", "Attacks a policy: whole agents around a model that obeys every attacker, offline. Ends with 0: the gate holds; 1: it does not; 2: wrong words, files or policy; 3: the tool failed.") { policy, suite, own, rules, seed, budget, gate, baseline, regressions, reports, json, list };
        command.Validators.Add(words =>
        {
            if (words.GetValue(budget) is < 0 or > MostBudget)
            {
                words.AddError($"--budget is from 0 to {MostBudget}.");
            }

            foreach (var path in words.GetValue(reports) ?? [])
            {
                if (!RedTeamReportFile.IsKnown(path))
                {
                    words.AddError($"--report {path}: its name does not say what it is. End it with {RedTeamReportFile.Kinds}.");
                }
                else if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
                {
                    words.AddError($"--report {path}: there is no such folder.");
                }
            }
        });
        command.SetAction(async (words, cancellationToken) =>
        {
            if (words.GetValue(list))
            {
                await output.WriteLineAsync(string.Join('\n', RedTeam.Suites));
                return ExitCode.Clean;
            }

            var name = words.GetRequiredValue(policy);
            var attacked = CommandLine.PolicyToRun(name, error);
            var limits = RedTeamGate.Parse(words.GetRequiredValue(gate));
            var known = words.GetValue(baseline) is { } earlier ? RedTeamJson.Baseline(TextFile.Read(earlier), earlier) : null;
            var found = words.GetValue(regressions);
            var packs = words.GetRequiredValue(rules).Select(static path => (Path: path, Json: TextFile.Read(path))).ToList();
            using var progress = new RedTeamProgress(error, ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected);
            var report = await RedTeam.RunAsync(
                attacked,
                new()
                {
                    Suites = words.GetRequiredValue(suite),
                    OwnSuites = [.. words.GetRequiredValue(own).Select(TextFile.Read)],
                    Seed = words.GetValue(seed),
                    Budget = words.GetValue(budget),
                    Regressions = found is not null && File.Exists(found) ? [.. TextFile.Read(found).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : [],
                    Configure = packs.Count == 0 ? null : aegis => packs.ForEach(pack => aegis.AddRulePack(pack.Json, pack.Path)),
                    Progress = progress,
                },
                cancellationToken);
            var verdict = new RedTeamVerdict(report, limits, known);
            if (found is not null)
            {
                await KeepAsync(found, report, cancellationToken);
            }

            foreach (var path in words.GetRequiredValue(reports))
            {
                await RedTeamReportFile.WriteAsync(path, verdict, attacked, File.Exists(name) ? name : null, cancellationToken);
            }

            if (words.GetValue(json))
            {
                await output.WriteLineAsync(RedTeamJson.Of(verdict).ToJsonString(PolicyOutput.Readable));
            }
            else
            {
                RedTeamTable.Show(console, verdict);
            }

            return verdict.IsHeld ? ExitCode.Clean : ExitCode.Findings;
        });
        return command;
    }

    /// <summary>Adds what is new. What does not get through any more stays: it is what must not come back.</summary>
    private static async Task KeepAsync(string path, RedTeamReport report, CancellationToken cancellationToken)
    {
        var text = File.Exists(path) ? TextFile.Read(path) : "";
        var known = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        var news = report.Bypasses.Select(static bypass => bypass.ToRegression()).Where(known.Add).ToList();
        if (news.Count > 0)
        {
            var begins = text.Length == 0 || text.EndsWith('\n') ? "" : "\n";
            await File.AppendAllTextAsync(path, begins + string.Concat(news.Select(static line => $"{line}\n")), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken);
        }
    }
}
