using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Policies.Documents;
using Spectre.Console;

namespace Aegis.Cli.Audit;

/// <summary><c>aegis audit stats</c>: how many records of what kind, and which rules.</summary>
internal static class AuditStatsCommand
{
    private const int MostRules = 20;

    public static Command Create(IAnsiConsole console, TextWriter output)
    {
        var path = AuditCommands.File();
        var json = PolicyOutput.Json();
        var command = new Command("stats", "Counts the records of a log by type, decision and rule.") { path, json };
        command.SetAction(words =>
        {
            var counts = new Dictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal) { ["type"] = new(StringComparer.Ordinal), ["decision"] = new(StringComparer.Ordinal), ["rules"] = new(StringComparer.Ordinal) };
            var (all, first, last) = (0L, "", "");
            foreach (var record in AuditLogReader.Read(words.GetRequiredValue(path)))
            {
                all++;
                last = AuditLogReader.Text(record, "time");
                first = first.Length == 0 ? last : first;
                foreach (var (member, of) in counts)
                {
                    foreach (var word in AuditLogReader.Text(record, member).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    {
                        of[word] = of.GetValueOrDefault(word) + 1;
                    }
                }
            }

            if (words.GetValue(json))
            {
                var result = new JsonObject { ["records"] = all, ["from"] = first, ["to"] = last };
                foreach (var (member, of) in counts)
                {
                    result[member] = new JsonObject(of.Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
                }

                output.Write(PolicySchema.Write(result));
                return ExitCode.Clean;
            }

            console.MarkupLineInterpolated($"{all} records, {first} to {last}");
            foreach (var (member, of) in counts)
            {
                var table = new Table { Border = TableBorder.None }.AddColumn(member).AddColumn(new TableColumn("count").RightAligned());
                foreach (var (word, count) in of.OrderByDescending(static entry => entry.Value).ThenBy(static entry => entry.Key, StringComparer.Ordinal).Take(MostRules))
                {
                    table.AddRow(Markup.Escape(word), FormattableString.Invariant($"{count}"));
                }

                console.Write(table);
            }

            return ExitCode.Clean;
        });
        return command;
    }
}
