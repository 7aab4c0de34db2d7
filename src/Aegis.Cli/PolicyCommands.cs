using System.CommandLine;
using Aegis.Policies.Documents;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis policy …</c></summary>
internal static class PolicyCommands
{
    public static Command Create(IAnsiConsole console, TextWriter output, TextWriter error) => new("policy", "Policies as files.")
    {
        PolicyInitCommand.Create(output, error),
        PolicyValidateCommand.Create(output, error),
        PolicyExplainCommand.Create(console, output),
        PolicyDiffCommand.Create(console, output),
        Schema(output),
    };

    private static Command Schema(TextWriter output)
    {
        var command = new Command("schema", "Writes the JSON schema of policy files, for editors.");
        command.SetAction(_ =>
        {
            output.Write(PolicySchema.Text());
            return ExitCode.Clean;
        });
        return command;
    }
}
