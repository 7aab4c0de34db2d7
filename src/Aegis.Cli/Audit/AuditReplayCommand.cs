using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Auditing;
using Aegis.Cli.Scan;
using Aegis.Integrity;
using Aegis.Replaying;

namespace Aegis.Cli.Audit;

/// <summary><c>aegis audit replay</c>: whether a policy still decides what a log says that it decided.</summary>
internal static class AuditReplayCommand
{
    private const string Prefix = "env:";

    private static readonly string[] Members = ["seq", "time", "type", "id"];

    public static Command Create(TextWriter output, TextWriter error)
    {
        var path = AuditCommands.File();
        var policy = new Option<string>("--policy") { Description = "The policy that decided: a file, or the name of a preset. Its secrets must be set as for the app, without those that sign and alert.", Required = true };
        var key = new Option<string[]>("--key") { Description = "The key of the content (audit.contentKey), as env:NAME; may be given often, for logs of several." };
        var rules = new Option<string[]>("--rules") { Description = "A rule pack of the app, in the order in which it adds them; may be given often.", DefaultValueFactory = static _ => [] };
        var record = new Option<string?>("--record") { Description = "Only the record with this decision id." };
        var whatIf = new Option<bool>("--what-if") { Description = "Also judges what another policy or another version of Aegis decided, and says what would be decided here and now." };
        var json = new Option<bool>("--json") { Description = "Writes a JSON object for each record, one a line, and the counts as the last one." };
        var command = new Command("replay", "Judges again what the records of a log are about, with what judges, classifiers, people and sessions said then, and compares the verdicts bit for bit. Exits with 0 when they are the same, 1 when one is not, 2 when there is a record or a line of which nobody can say. Of a kind that is not replayed, and so leaves the exit code alone, are texts, tools that nobody offers and changed arguments where audit.content is hashed, what counts in another guard's store, and what was cancelled. It does not check the chain: that is what verify is for.") { path, policy, key, rules, record, whatIf, json };
        command.SetAction(async (words, cancellationToken) =>
        {
            var packs = words.GetRequiredValue(rules).Select(static file => (File.ReadAllText(file), file)).ToList();
            using var replayer = new AuditReplayer(CommandLine.Policy(words.GetRequiredValue(policy)), packs, Keys(words.GetValue(key) ?? []), words.GetValue(whatIf));
            var counts = new AuditReplayCounts();
            foreach (var line in AuditLogReader.Read(words.GetRequiredValue(path), onUnreadable: counts.AddUnreadable).Where(AuditReplayer.IsInspection))
            {
                if (words.GetValue(record) is { } id && AuditLogReader.Text(line, "id") != id)
                {
                    replayer.Hear(line);   // for the calls of its step
                    continue;
                }

                var result = await replayer.ReplayAsync(line, cancellationToken);
                counts.Add(result);
                await output.WriteLineAsync(words.GetValue(json) ? ToJson(line, result).ToJsonString(PolicyOutput.Readable) : Line(line, result));
            }

            await output.WriteLineAsync(words.GetValue(json) ? counts.ToJson().ToJsonString() : counts.ToString());
            if (counts.HasNothing)
            {
                await error.WriteLineAsync(words.GetValue(record) is null ? "No record has anything to replay: set audit.content." : "--record: no record with content has this id.");
            }

            return counts.Code;
        });
        return command;
    }

    /// <exception cref="FormatException">One of them is none.</exception>
    private static List<ContentKey> Keys(string[] said)
    {
        var keys = new List<ContentKey>();
        foreach (var word in said)
        {
            if (!word.StartsWith(Prefix, StringComparison.Ordinal) || word.Length == Prefix.Length)
            {
                throw new FormatException("--key: write env:NAME, the variable that has the content's key.");
            }

            var secret = Environment.GetEnvironmentVariable(word[Prefix.Length..]) is { Length: > 0 } set ? set : throw new FormatException($"--key: the variable {word[Prefix.Length..]} is not set. Set it to the policy's audit.contentKey.");
            keys.Add(Encoding.UTF8.GetByteCount(secret) >= HistoryKey.LeastBytes ? new ContentKey(Encoding.UTF8.GetBytes(secret)) : throw new FormatException($"--key: the secret in {word[Prefix.Length..]} is too short to be the policy's audit.contentKey."));
        }

        return keys;
    }

    private static string Line(JsonElement record, ReplayResult result) =>
        string.Join("  ", Members.Select(name => AuditLogReader.Text(record, name)).Append(Word(result)).Where(static word => word.Length > 0));

    private static string Word(ReplayResult result) => result.Outcome switch
    {
        ReplayOutcome.Same => "same",
        ReplayOutcome.SameWithoutTexts => "same: tools and budgets; what was found in texts was taken from the record",
        ReplayOutcome.Different => $"{(result.IsWhatIf ? "would differ" : "DIFFERENT")}: {result.Why}",
        _ => $"not replayed: {result.Why}",
    };

    private static JsonObject ToJson(JsonElement record, ReplayResult result)
    {
        var json = new JsonObject
        {
            ["seq"] = record.TryGetProperty("seq", out var number) ? JsonNode.Parse(number.GetRawText()) : null,
            ["id"] = AuditLogReader.Text(record, "id"),
            ["type"] = AuditLogReader.Text(record, "type"),
            ["outcome"] = result.Outcome switch { ReplayOutcome.Same => "same", ReplayOutcome.SameWithoutTexts => "same-without-texts", ReplayOutcome.Different => "different", _ => "not-replayed" },
            ["why"] = result.Why,
            ["whatIf"] = result.IsWhatIf,
        };
        Add("recorded", result.Recorded);
        Add("replayed", result.Replayed);
        return json;

        void Add(string name, (Verdict Verdict, Decision Decision)? decided)
        {
            if (decided is var (verdict, decision))
            {
                json[name] = new JsonObject { ["decision"] = ScanRun.Word(decision), ["risk"] = verdict.Risk, ["findings"] = new JsonArray([.. verdict.Findings.Select(static finding => (JsonNode)ScanRun.ToJson(finding, isExplained: false))]) };
            }
        }
    }
}
