using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Aegis.Cli.Scan;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis scan</c>: what the configured pipeline says of a text, or of many.</summary>
internal static class ScanCommand
{
    public static Command Create(IAnsiConsole console, TextWriter output, TextWriter error)
    {
        var text = new Argument<string?>(UnknownOption.Text) { Description = "The text; '-' or nothing reads the input. One that begins with '--' stands behind '--'.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Reads the text from a file." };
        var lines = new Option<string?>("--jsonl") { Description = "Scans many: {\"id\",\"text\",\"user_task\"?} a line of a file, '-' for the input." };
        var results = new Option<string?>("--out") { Description = "Where the results of --jsonl go; else to the output." };
        var policy = new Option<string>("--policy") { Description = "A policy file, or the name of a preset.", DefaultValueFactory = static _ => "balanced" };
        var rules = new Option<string[]>("--rules") { Description = "Adds a rule pack; may be given often.", DefaultValueFactory = static _ => [] };
        var checkpoint = new Option<string>("--checkpoint") { Description = "Where the text would be met. Answers (output) are read by what the policy's output says, not by the scanner's rules.", DefaultValueFactory = static _ => ScanPlace.Default };
        checkpoint.AcceptOnlyFromAmong([.. ScanPlace.Names]);
        var task = new Option<string?>("--user-task") { Description = "What the user had asked before: signs in tools' results that have nothing to do with it weigh more." };
        var explain = new Option<bool>("--explain") { Description = "Shows where in the text, and how the risk came about; with --json or --jsonl: more members of each finding." };
        var json = PolicyOutput.Json();
        var command = new Command("scan", "Says what the pipeline of a policy would do with a text. Ends with 0: it would pass, flagged or not; 1: it would not pass as it is; 2: wrong words, rows, rules or policy; 3: the tool failed.") { text, file, lines, results, policy, rules, checkpoint, task, explain, json };
        ResultFile.KeepApart(command, results, lines);
        command.Validators.Add(words =>
        {
            Exclude(words, lines, text, file);
            if (IsGiven(words, lines) && IsGiven(words, task))
            {
                words.AddError("--user-task has no effect beside --jsonl. Give each row its \"user_task\".");
            }

            Exclude(words, file, text);
            var place = words.GetResult(checkpoint)?.Tokens is [.., var token] ? token.Value : ScanPlace.Default;   // a wrong word has no value
            if (IsGiven(words, task) && place != ScanPlace.Result)
            {
                words.AddError($"--user-task has no effect on {place}: it is what tools' results are held against. Give --checkpoint {ScanPlace.Result}.");
            }

            if (IsGiven(words, rules) && place == ScanPlace.Answer)
            {
                words.AddError($"--rules has no effect on {place}: answers are read by what the policy's output says.");
            }

            if (IsGiven(words, results) && !IsGiven(words, lines))
            {
                words.AddError("--out is for the results of --jsonl. Give --jsonl, or leave --out out.");
            }
        });
        command.SetAction(async (words, cancellationToken) =>
        {
            using var scan = new ScanRun(CommandLine.PolicyToRun(words.GetRequiredValue(policy), error), words.GetRequiredValue(rules), ScanPlace.At(words.GetRequiredValue(checkpoint)));
            var isExplained = words.GetValue(explain);
            if (words.GetValue(lines) is { } path)
            {
                var rows = JsonLines.Read(path, ScanRow.Of);   // before the results' file is opened: wrong lines leave it as it is
                var destination = words.GetValue(results);
                await using var writer = destination is null ? null : new StreamWriter(destination, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                return await ManyAsync(scan, rows, isExplained, writer ?? output, error, cancellationToken);
            }

            var row = await ReadAsync(words.GetValue(text), words.GetValue(file), words.GetValue(task), cancellationToken);
            var verdict = await scan.JudgeAsync(row, cancellationToken);
            if (words.GetValue(json))
            {
                await output.WriteLineAsync(ScanRun.ToJson(row, verdict, isExplained).ToJsonString(PolicyOutput.Readable));
            }
            else
            {
                new ScanExplanation(console, scan.BlockLine).Show(row.Text, verdict, isExplained);
            }

            return IsStopped(verdict) ? ExitCode.Findings : ExitCode.Clean;
        });
        return command;
    }

    /// <summary>Refuses what one option leaves without an effect.</summary>
    private static void Exclude(CommandResult words, Option option, params ReadOnlySpan<Symbol> others)
    {
        foreach (var other in others)
        {
            if (IsGiven(words, option) && IsGiven(words, other))
            {
                words.AddError($"{other.Name} has no effect beside {option.Name}. Give one of them.");
            }
        }
    }

    private static bool IsGiven(CommandResult words, Symbol symbol) => words.Children.Any(child => child switch
    {
        OptionResult option => option.Option == symbol && !option.Implicit,
        ArgumentResult argument => argument.Argument == symbol && argument.Tokens.Count > 0,
        _ => false,
    });

    /// <summary>Whether it does not pass as it is.</summary>
    private static bool IsStopped(Verdict verdict) => verdict.Decision > Decision.Flag;

    private static async Task<ScanRow> ReadAsync(string? text, string? file, string? task, CancellationToken cancellationToken) =>
        file is not null ? new(file, TextFile.Read(file), task)
        : text is null or JsonLines.Input ? new("-", await Console.In.ReadToEndAsync(cancellationToken), task)
        : new("text", text, task);

    private static async Task<int> ManyAsync(ScanRun scan, IReadOnlyList<ScanRow> rows, bool isExplained, TextWriter writer, TextWriter error, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            await scan.JudgeAsync(row, cancellationToken);   // warm-up
        }

        var times = new ScanTimes(TimeProvider.System);
        var found = false;
        foreach (var row in rows)
        {
            var began = times.Start();
            var verdict = await scan.JudgeAsync(row, cancellationToken);
            times.Stop(began, row.Text);
            found |= IsStopped(verdict);
            await writer.WriteLineAsync(ScanRun.ToJson(row, verdict, isExplained).ToJsonString(PolicyOutput.Readable));
        }

        await error.WriteLineAsync(times.ToJson().ToJsonString());
        return found ? ExitCode.Findings : ExitCode.Clean;
    }
}
