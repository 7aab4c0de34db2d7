using System.CommandLine;
using System.Text;
using Aegis.Cli.Scan;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis scan</c>: what the configured pipeline says of a text, or of many.</summary>
internal static class ScanCommand
{
    private const string Input = "-";

    public static Command Create(IAnsiConsole console, TextWriter output, TextWriter error)
    {
        var text = new Argument<string?>("TEXT") { Description = "The text; '-' or nothing reads the input.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Reads the text from a file." };
        var lines = new Option<string?>("--jsonl") { Description = "Scans many: {\"id\",\"text\",\"user_task\"?} a line." };
        var results = new Option<string?>("--out") { Description = "Where the results of --jsonl go; else to the output." };
        var policy = new Option<string>("--policy") { Description = "A policy file, or the name of a preset.", DefaultValueFactory = static _ => "balanced" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "Where the text would be met.", DefaultValueFactory = static _ => "input" };
        checkpoint.AcceptOnlyFromAmong([.. ScanPlace.Names]);
        var explain = new Option<bool>("--explain") { Description = "Shows where in the text, and how the risk came about." };
        var json = PolicyOutput.Json();
        var command = new Command("scan", "Says what the pipeline of a policy would do with a text.") { text, file, lines, results, policy, checkpoint, explain, json };
        command.SetAction(async (words, cancellationToken) =>
        {
            using var scan = new ScanRun(CommandLine.Policy(words.GetRequiredValue(policy)), ScanPlace.At(words.GetRequiredValue(checkpoint)));
            if (words.GetValue(lines) is { } path)
            {
                var destination = words.GetValue(results);
                await using var writer = destination is null ? null : new StreamWriter(destination, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                return await ManyAsync(scan, path, writer ?? output, error, cancellationToken);
            }

            var row = new ScanRow("", await ReadAsync(words.GetValue(text), words.GetValue(file), cancellationToken), null);
            var verdict = await scan.JudgeAsync(row, cancellationToken);
            if (words.GetValue(json))
            {
                await output.WriteLineAsync(ScanRun.ToJson(row, verdict).ToJsonString(PolicyOutput.Readable));
            }
            else
            {
                new ScanExplanation(console).Show(row.Text, verdict, words.GetValue(explain));
            }

            return IsStopped(verdict) ? ExitCode.Findings : ExitCode.Clean;
        });
        return command;
    }

    /// <summary>Whether it does not pass as it is.</summary>
    private static bool IsStopped(Verdict verdict) => verdict.Decision > Decision.Flag;

    private static async Task<string> ReadAsync(string? text, string? file, CancellationToken cancellationToken) =>
        file is not null ? await File.ReadAllTextAsync(file, cancellationToken)
        : text is null or Input ? await Console.In.ReadToEndAsync(cancellationToken)
        : text;

    private static async Task<int> ManyAsync(ScanRun scan, string path, TextWriter writer, TextWriter error, CancellationToken cancellationToken)
    {
        List<ScanRow> rows = [.. JsonLines.Read(path, ScanRow.Parse)];
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
            await writer.WriteLineAsync(ScanRun.ToJson(row, verdict).ToJsonString(PolicyOutput.Readable));
        }

        await error.WriteLineAsync(times.ToJson().ToJsonString());
        return found ? ExitCode.Findings : ExitCode.Clean;
    }
}
