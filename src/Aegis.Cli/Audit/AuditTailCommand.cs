using System.CommandLine;
using System.Text.Json;

namespace Aegis.Cli.Audit;

/// <summary><c>aegis audit tail</c>: the last records, a line each.</summary>
internal static class AuditTailCommand
{
    private static readonly string[] Members = ["seq", "time", "type", "decision", "rules", "tool", "session", "count", "id"];

    public static Command Create(TextWriter output)
    {
        var path = AuditCommands.File();
        var lines = new Option<int>("--lines", "-n") { Description = "How many.", DefaultValueFactory = static _ => 10 };
        var type = new Option<string?>("--type") { Description = "Only records of this type, for example scan_block." };
        var json = new Option<bool>("--json") { Description = "Writes the records as they are." };
        lines.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000)
            {
                result.AddError("--lines: 1 to 1,000,000.");
            }
        });
        var command = new Command("tail", "Shows the last records of a log.") { path, lines, type, json };
        command.SetAction(words =>
        {
            var last = new Queue<JsonElement>();
            foreach (var record in AuditLogReader.Read(words.GetRequiredValue(path), words.GetValue(type)))
            {
                last.Enqueue(record);
                if (last.Count > words.GetValue(lines))
                {
                    last.Dequeue();
                }
            }

            foreach (var record in last)
            {
                output.WriteLine(words.GetValue(json) ? AuditLogReader.Json(record) : Line(record));
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static string Line(JsonElement record) => string.Join("  ", Members.Select(name => AuditLogReader.Text(record, name)).Where(static word => word.Length > 0));
}
