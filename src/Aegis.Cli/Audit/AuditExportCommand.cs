using System.CommandLine;
using System.Text.Json;

namespace Aegis.Cli.Audit;

/// <summary><c>aegis audit export</c>: the records as CSV or as one JSON list.</summary>
internal static class AuditExportCommand
{
    private static readonly string[] Columns = ["seq", "time", "type", "decision", "verdict", "rules", "owasp", "atlas", "id", "session", "principal", "tenant", "run", "request", "checkpoint", "tool", "policy", "policyHash", "durationUs", "lock", "lockedUntil", "by", "reason", "count", "instance", "region"];

    public static Command Create(TextWriter output, TextWriter error)
    {
        var path = AuditCommands.File();
        var format = new Option<string>("--format") { Description = "csv or json.", DefaultValueFactory = static _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "json");
        var type = new Option<string?>("--type") { Description = "Only records of this type." };
        var to = new Option<string?>("--out") { Description = "The file that is written; otherwise the output." };
        var command = new Command("export", "Writes the records of a log as CSV or JSON.") { path, format, type, to };
        command.SetAction(words =>
        {
            var records = AuditLogReader.Read(words.GetRequiredValue(path), words.GetValue(type));
            if (words.GetValue(to) is not { } file)
            {
                Write(output, words.GetValue(format) == "csv", records);
                return ExitCode.Clean;
            }

            if (Auditing.AuditFiles.Of(words.GetRequiredValue(path)).Contains(Path.GetFullPath(file), StringComparer.Ordinal))
            {
                error.WriteLine("--out names a file of the log: it would be overwritten. Give it another one.");
                return ExitCode.Usage;
            }

            using var writer = new StreamWriter(file);
            Write(writer, words.GetValue(format) == "csv", records);
            return ExitCode.Clean;
        });
        return command;
    }

    private static void Write(TextWriter output, bool isCsv, IEnumerable<JsonElement> records)
    {
        if (isCsv)
        {
            output.WriteLine(string.Join(',', Columns));
            foreach (var record in records)
            {
                output.WriteLine(string.Join(',', Columns.Select(column => Cell(AuditLogReader.Text(record, column)))));
            }

            return;
        }

        output.WriteLine('[');
        var before = "";
        foreach (var record in records)
        {
            output.Write($"{before}{AuditLogReader.Json(record)}");
            before = ",\n";
        }

        output.WriteLine("\n]");
    }

    /// <summary>A cell as text: spreadsheets run what begins like a formula.</summary>
    private static string Cell(string text)
    {
        text = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? $"'{text}" : text;
        return text.AsSpan().ContainsAny(",\"") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
