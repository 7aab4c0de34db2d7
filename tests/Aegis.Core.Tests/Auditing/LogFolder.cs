using System.Text;
using System.Text.Json;
using Aegis.Auditing;
using Aegis.Integrity;
using Aegis.Policies;

namespace Aegis.Core.Tests.Auditing;

/// <summary>A folder with a log.</summary>
internal sealed class LogFolder : IDisposable
{
    public const string Secret = "a-secret-of-thirty-two-bytes-at-least";

    public static readonly AuditKeys Keys = KeysOf(("k1", Secret));

    public string Folder { get; } = Directory.CreateTempSubdirectory("aegis-audit").FullName;

    public string Path => System.IO.Path.Combine(Folder, "aegis.jsonl");

    public string Copies => System.IO.Path.Combine(Folder, "elsewhere", "copies.jsonl");

    public static AuditRecords Records { get; } = new("one", "eu");

    public static AuditKeys KeysOf(params (string Id, string Secret)[] keys) => new([.. keys.Select(static key => new HistoryKey(key.Id, Encoding.UTF8.GetBytes(key.Secret), null))]);

    public static AuditRecord Record(string id) => new() { Time = DateTimeOffset.UnixEpoch, Type = "scan_pass", DecisionId = id, Instance = "one" };

    public AuditFile Open(AuditPolicy? policy = null, AuditKeys? keys = null, TimeProvider? time = null, Action<string>? onCheckpoint = null) =>
        new(new(Path, keys ?? Keys, policy ?? new()), Records, time ?? TimeProvider.System, onCheckpoint);

    /// <summary>Writes records with these ids, a batch each.</summary>
    public void Write(AuditPolicy policy, params string[] ids)
    {
        using var file = Open(policy);
        foreach (var id in ids)
        {
            file.Write(id);
        }
    }

    /// <summary>What is wrong with the log; null: nothing.</summary>
    public AuditFault? Verify(AuditKeys? keys = null, bool withCopies = false)
    {
        using var verifier = new AuditVerifier(keys ?? Keys);
        if (withCopies)
        {
            using var copies = AuditFiles.Open(Copies);
            if (verifier.Expect(Copies, copies) is { } wrong)
            {
                return wrong;
            }
        }

        var files = AuditFiles.Of(Path);
        foreach (var file in files)
        {
            using var stream = AuditFiles.Open(file);
            if (verifier.Read(System.IO.Path.GetFileName(file), stream) is { } fault)
            {
                return fault;
            }
        }

        return verifier.End(files[^1]);
    }

    /// <summary>All lines of all files.</summary>
    public IReadOnlyList<JsonElement> Lines() => [.. AuditFiles.Of(Path).SelectMany(Read).Select(static line => JsonDocument.Parse(line).RootElement)];

    public IReadOnlyList<string> Types() => [.. Lines().Select(static line => line.GetProperty("type").GetString()!)];

    public IReadOnlyList<string> Ids() => [.. Lines().Where(static line => line.TryGetProperty("id", out _)).Select(static line => line.GetProperty("id").GetString()!)];

    public static string[] Read(string path)
    {
        using var stream = AuditFiles.Open(path);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
