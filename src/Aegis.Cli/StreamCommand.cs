using System.CommandLine;
using System.Text;
using Aegis.Cli.Streams;

namespace Aegis.Cli;

/// <summary><c>aegis stream</c>: what a reader would receive of answers that arrive in pieces.</summary>
internal static class StreamCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var lines = new Option<string>("--jsonl") { Description = "The answers: {\"id\",\"text\",\"system\"?} a line of a file, '-' for the input: identity, what the model says, the instructions that it must not recite. Other members are not read.", Required = true };
        var chunk = new Option<string>("--chunk") { Description = "How they arrive: N characters a piece, or random:SEED.", DefaultValueFactory = static _ => "4" };
        var results = new Option<string?>("--out") { Description = "Where the results go, another file than --jsonl; else to the output." };
        var policy = new Option<string>("--policy") { Description = "A policy file, or the name of a preset.", DefaultValueFactory = static _ => "balanced" };
        var command = new Command("stream", "Streams answers through the pipeline of a policy and says what a reader would receive, character by character. Ends with 0: all of it, flagged or not, or the policy is in monitor or off; 1: something was replaced or withheld; 2: wrong words, rows or policy; 3: the tool failed.") { lines, chunk, results, policy };
        ResultFile.KeepApart(command, results, lines);
        command.SetAction(async (words, cancellationToken) =>
        {
            var sizes = ChunkSizes.Parse(words.GetRequiredValue(chunk));
            using var run = new StreamRun(CommandLine.PolicyToRun(words.GetRequiredValue(policy), error));
            var rows = JsonLines.Read(words.GetRequiredValue(lines), StreamRow.Of);   // before the results' file is opened: wrong lines leave it as it is
            var destination = words.GetValue(results);
            await using var writer = destination is null ? null : new StreamWriter(destination, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            foreach (var notice in new[] { run.Notice, StreamRow.NoticeOf(rows) }.OfType<string>())
            {
                await error.WriteLineAsync(notice);
            }

            var found = false;
            foreach (var row in rows)
            {
                var result = await run.ReadAsync(sizes.Cut(row.Text), row.System, cancellationToken);
                found |= run.IsChanged(result);
                await (writer ?? output).WriteLineAsync(result.ToJson(row.Id).ToJsonString(PolicyOutput.Readable));
            }

            return found ? ExitCode.Findings : ExitCode.Clean;
        });
        return command;
    }
}
