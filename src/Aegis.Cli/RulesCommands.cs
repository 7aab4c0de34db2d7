using System.CommandLine;
using Aegis.Cli.Rules;
using Aegis.Policies;
using Aegis.Scanning.Rules;

namespace Aegis.Cli;

/// <summary><c>aegis rules …</c></summary>
internal static class RulesCommands
{
    public static Command Create(TextWriter output, TextWriter error) => new("rules", "Rule packs as files.") { Check(output, error) };

    private static Command Check(TextWriter output, TextWriter error)
    {
        var files = new Argument<string[]>("FILE") { Description = "Rule packs.", Arity = ArgumentArity.OneOrMore };
        var against = new Option<string?>("--against") { Description = "Counts what each rule matches among these: {\"id\",\"text\",\"label\"} a line, label 1 for attacks and 0 for harmless texts." };
        var command = new Command("check", "Names every mistake of rule packs, and every example that does not behave. Ends with 0: none; 2: mistakes, or wrong words or rows; 3: the tool failed.") { files, against };
        command.SetAction(words =>
        {
            IReadOnlyList<LabelledText> texts = words.GetValue(against) is { } path ? JsonLines.Read(path, LabelledText.Of) : [];
            var isWrong = false;
            var taken = RulePack.BuiltIn.SelectMany(static pack => pack.Rules).Select(static rule => rule.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var file in words.GetRequiredValue(files))
            {
                try
                {
                    var pack = RulePack.Prove(File.ReadAllText(file), file, taken);
                    output.WriteLine(FormattableString.Invariant($"{file}: {pack.Rules.Count} {(pack.Rules.Count == 1 ? "rule" : "rules")}, no mistakes."));
                    if (texts.Count > 0)
                    {
                        RuleCount.Write(RuleCount.Of(pack.Rules, texts), texts, output);
                    }
                }
                catch (PolicyException e)
                {
                    isWrong = true;
                    foreach (var mistake in e.Errors)
                    {
                        error.WriteLine(mistake);
                    }
                }
            }

            return isWrong ? ExitCode.Usage : ExitCode.Clean;
        });
        return command;
    }
}
