using System.CommandLine;
using System.Text;
using Aegis.Cli.Promptfoo;
using Aegis.Testing.RedTeaming;

namespace Aegis.Cli;

/// <summary><c>aegis promptfoo …</c>: attacks to and from promptfoo.</summary>
internal static class PromptfooCommands
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static Command Create(TextWriter output, TextWriter error) => new("promptfoo", "Attacks to and from promptfoo.") { Export(output, error), Import(output, error) };

    private static Command Export(TextWriter output, TextWriter error)
    {
        var suites = new Option<string[]>("--suite") { Description = "A suite of attacks; may be given often. Else all.", DefaultValueFactory = static _ => [] };
        var file = new Option<string?>("--out") { Description = "Where the configuration goes; else to the output." };
        var command = new Command("export", "Writes the attacks that a user types as a configuration of promptfoo (YAML), with assertions on what the target answers. Ends with 0, or 2: wrong words.") { suites, file };
        command.SetAction(async (words, cancellationToken) =>
        {
            var export = new PromptfooExport();
            var config = YamlTree.Write(export.Of(Chosen(words.GetRequiredValue(suites))));
            await WriteAsync(config, words.GetValue(file), output, cancellationToken);
            await error.WriteLineAsync(FormattableString.Invariant($"{export.Tests} tests, of which a model grades {export.Graded} (llm-rubric). Left out: {export.Left} attacks that nobody types, but tools, histories or the model itself bring in."));
            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Import(TextWriter output, TextWriter error)
    {
        var source = new Argument<string>("FILE") { Description = "A configuration of promptfoo, what its red team has generated, or the results of an evaluation: YAML or JSON." };
        var file = new Option<string?>("--out") { Description = "Where the suite goes; else to the output." };
        var name = new Option<string?>("--name") { Description = "The suite's name; else 'promptfoo-' and the name of the file." };
        var command = new Command("import", "Makes a suite of the prompts of promptfoo, to be attacked with. Ends with 0; 2: wrong words, or nothing to attack with in the file.") { source, file, name };
        command.Validators.Add(words =>
        {
            if (words.GetValue(file) is { } to && words.GetValue(source) is { } from && string.Equals(Path.GetFullPath(to), Path.GetFullPath(from), StringComparison.OrdinalIgnoreCase))
            {
                words.AddError("--out and FILE name the same file: it would be overwritten. Give --out another one.");
            }
        });
        command.SetAction(async (words, cancellationToken) =>
        {
            var path = words.GetRequiredValue(source);
            var suite = words.GetValue(name) ?? $"promptfoo-{Path.GetFileNameWithoutExtension(path)}";
            var imported = Imported(path, suite);
            var json = imported.Suite.ToJsonString(new(PolicyOutput.Readable) { WriteIndented = true });
            SuiteReader.Read(json, path);   // whoever is given it can read it
            await WriteAsync($"{json}\n", words.GetValue(file), output, cancellationToken);
            await error.WriteLineAsync(FormattableString.Invariant($"{imported.Cases} cases{(imported.Left == 0 ? "." : FormattableString.Invariant($"; of {imported.Left} tests or prompts nothing could be made: their text is a program, or in another file."))}"));
            return ExitCode.Clean;
        });
        return command;
    }

    private static ImportedSuite Imported(string path, string suite)
    {
        try
        {
            return PromptfooImport.Read(TextFile.Read(path), suite) is { Cases: > 0 } imported ? imported : throw new FormatException("there is no text in it to attack with.");
        }
        catch (FormatException e)
        {
            throw new FormatException(e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message : $"{path}: {e.Message}", e);
        }
    }

    private static IEnumerable<RedTeamSuite> Chosen(string[] names)
    {
        var attacks = SuiteReader.BuiltIn.Where(static suite => !suite.IsBenign).ToList();
        var wrong = names.Where(name => !attacks.Exists(suite => suite.Name == name)).ToList();
        return wrong.Count > 0 ? throw new ArgumentException($"There is no suite of attacks '{string.Join("', '", wrong)}'. There are: {string.Join(", ", attacks.Select(static suite => suite.Name))}.")
            : attacks.Where(suite => names.Length == 0 || names.Contains(suite.Name, StringComparer.Ordinal));
    }

    private static Task WriteAsync(string text, string? path, TextWriter output, CancellationToken cancellationToken) =>
        path is null ? output.WriteAsync(text.AsMemory(), cancellationToken) : File.WriteAllTextAsync(path, text, Utf8, cancellationToken);
}
