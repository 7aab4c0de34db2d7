using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Auditing;
using Aegis.Policies.Documents;

namespace Aegis.Cli.Audit;

/// <summary><c>aegis audit verify</c>: whether a log is what was written, and the first record that is not.</summary>
internal static class AuditVerifyCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var path = AuditCommands.File();
        var key = AuditKeyOption.Create();
        var checkpoints = new Option<string?>("--checkpoints") { Description = "Copies of the log's checkpoints (audit.checkpointTo): without them nobody sees that its end was cut off." };
        var others = new Option<bool>("--deleted-by-others") { Description = "Others delete the oldest files, for example logrotate; otherwise the log says itself where it must begin." };
        var json = PolicyOutput.Json();
        var command = new Command("verify", "Checks the chain over all files of a log, and names the first record that was changed, taken away, put in or moved. Exits with 0 when it is whole, 1 when it is not, 2 when nobody can say.") { path, key, checkpoints, others, json };
        command.SetAction(words =>
        {
            var files = AuditFiles.Of(words.GetRequiredValue(path));
            if (files.Count == 0)
            {
                throw new FormatException($"{words.GetRequiredValue(path)}: there is no such log.");
            }

            using var verifier = new AuditVerifier(AuditKeyOption.Read(words.GetValue(key) ?? []));
            var fault = Verify(verifier, files, words.GetValue(checkpoints), words.GetValue(others));
            if (words.GetValue(json))
            {
                output.Write(PolicySchema.Write(ToJson(verifier, files, fault)));
            }
            else if (fault is not null)
            {
                error.WriteLine(fault.IsUnverified ? $"{fault} Give --key." : fault.ToString());
                output.WriteLine(FormattableString.Invariant($"{verifier.Count} records before it are good."));
            }
            else
            {
                output.WriteLine(FormattableString.Invariant($"records {verifier.First} to {verifier.Last} in {files.Count} {(files.Count == 1 ? "file" : "files")}: {(verifier.IsSigned ? "whole and signed" : "whole, and not signed: whoever can write the file could have written it anew")}{(words.GetValue(checkpoints) is null ? "; without --checkpoints its end may be missing" : "")}."));
                if (verifier.Recoveries + verifier.Gaps > 0)
                {
                    output.WriteLine(FormattableString.Invariant($"It says itself that something was found at a start {verifier.Recoveries} times (audit_recovery), and that records are missing at {verifier.Gaps} places (audit_gap): look at them with 'aegis audit tail --type'."));
                }
            }

            return fault is null ? ExitCode.Clean : fault.IsUnverified ? ExitCode.Usage : ExitCode.Findings;
        });
        return command;
    }

    private static AuditFault? Verify(AuditVerifier verifier, IReadOnlyList<string> files, string? checkpoints, bool isDeletedByOthers)
    {
        if (checkpoints is not null)
        {
            using var copies = AuditFiles.Open(checkpoints);
            if (verifier.Expect(checkpoints, copies) is { } wrong)
            {
                return wrong;
            }
        }

        foreach (var file in files)
        {
            using var stream = AuditFiles.Open(file);
            if (verifier.Read(file, stream) is { } fault)
            {
                return fault;
            }
        }

        return verifier.End(files[^1], isDeletedByOthers);
    }

    private static JsonObject ToJson(AuditVerifier verifier, IReadOnlyList<string> files, AuditFault? fault) => new()
    {
        ["whole"] = fault is null,
        ["signed"] = fault is null && verifier.IsSigned,
        ["first"] = verifier.First,
        ["last"] = verifier.Last,
        ["recoveries"] = verifier.Recoveries,
        ["gaps"] = verifier.Gaps,
        ["files"] = new JsonArray([.. files.Select(static file => (JsonNode)file)]),
        ["fault"] = fault is null ? null : new JsonObject { ["file"] = fault.File, ["line"] = fault.Line, ["sequence"] = fault.Sequence, ["what"] = fault.What },
    };
}
