using System.CommandLine;
using Spectre.Console;

namespace Aegis.Cli.Audit;

/// <summary><c>aegis audit …</c></summary>
internal static class AuditCommands
{
    public static Command Create(IAnsiConsole console, TextWriter output, TextWriter error) => new("audit", "Audit logs: whether they are whole, and what they say.")
    {
        AuditVerifyCommand.Create(output, error),
        AuditTailCommand.Create(output),
        AuditStatsCommand.Create(console, output),
        AuditExportCommand.Create(output, error),
        AuditReplayCommand.Create(output, error),
    };

    /// <summary>The log that a command reads.</summary>
    public static Argument<string> File() => new("PATH") { Description = "The file of the log; finished files beside it are read first." };
}
