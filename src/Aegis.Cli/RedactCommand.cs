using System.CommandLine;
using Aegis.Cli.Streams;

namespace Aegis.Cli;

/// <summary><c>aegis redact</c>: a text as a policy would let a model say it.</summary>
internal static class RedactCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var text = new Argument<string?>(UnknownOption.Text) { Description = "The text; '-' or nothing reads the input. One that begins with '--' stands behind '--'.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Reads the text from a file." };
        var policy = new Option<string>("--policy") { Description = "A policy file, or the name of a preset.", DefaultValueFactory = static _ => "balanced" };
        var command = new Command("redact", "Writes a text without what the policy replaces or withholds in answers; what was found goes to standard error, without the values. Ends with 0: nothing was, also where the policy is in monitor or off; 1: something was; 2: wrong words, file or policy; 3: the tool failed.") { text, file, policy };
        command.Validators.Add(words =>
        {
            if (words.GetValue(file) is not null && words.GetValue(text) is not null)
            {
                words.AddError("TEXT has no effect beside --file. Give one of them.");
            }
        });
        command.SetAction(async (words, cancellationToken) =>
        {
            using var run = new StreamRun(CommandLine.PolicyToRun(words.GetRequiredValue(policy), error));
            var given = words.GetValue(text);
            var read = words.GetValue(file) is { } path ? TextFile.Read(path)
                : given is null or JsonLines.Input ? await Console.In.ReadToEndAsync(cancellationToken)
                : given;
            var result = await run.ReadAsync([read], instructions: null, cancellationToken);
            await output.WriteAsync(result.Released);
            if (given is not null and not JsonLines.Input)
            {
                await output.WriteLineAsync();
            }

            if (run.Notice is { } notice)
            {
                await error.WriteLineAsync(notice);
            }

            foreach (var finding in result.Findings)
            {
                await error.WriteLineAsync(FormattableString.Invariant($"{finding.Rule}: {finding.Decision}, {(finding.Range is { } range ? FormattableString.Invariant($"characters {range.Start} to {range.End}") : "the whole")}{(finding.Detail is { } detail ? $"; {detail}" : "")}"));
            }

            return run.IsChanged(result) ? ExitCode.Findings : ExitCode.Clean;
        });
        return command;
    }
}
