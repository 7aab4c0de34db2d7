using System.Text;
using Aegis.Auditing;
using Aegis.Integrity;
using Aegis.Policies;

namespace Aegis.Benchmarks;

/// <summary>How many records a second the audit log appends, for each setting of fsync: one record a write, as when one request is inspected at a time, and 64, as they come together under load; and what it adds to an inspection.</summary>
internal static class AuditCurve
{
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(1);
    private static readonly SessionId Session = new("s");

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("aegis-bench");
        foreach (var sync in Enum.GetValues<AuditSync>())
        {
            foreach (var size in new[] { 1, 64, 512 })
            {
                Console.WriteLine(FormattableString.Invariant($"fsync {sync,-10} {size,3} records a write: {await AppendAsync(folder.FullName, sync, size),9:N0} records/s"));
            }
        }

        Console.WriteLine(FormattableString.Invariant($"an inspection without a log: {await InspectAsync(null),8:N1} µs"));
        Console.WriteLine(FormattableString.Invariant($"recorded, not waited for:   {await InspectAsync(new() { Path = Path.Combine(folder.FullName, "a.jsonl"), BackPressure = AuditBackPressure.DropOldest }),8:N1} µs"));
        Console.WriteLine(FormattableString.Invariant($"recorded first (required):  {await InspectAsync(new() { Path = Path.Combine(folder.FullName, "b.jsonl"), Required = true }),8:N1} µs"));
        folder.Delete(recursive: true);
    }

    private static async Task<double> AppendAsync(string folder, AuditSync sync, int size)
    {
        var keys = new AuditKeys([new HistoryKey("k1", Encoding.ASCII.GetBytes("a-secret-of-thirty-two-bytes-at-least"), null)]);
        using var file = new AuditFile(new(Path.Combine(folder, FormattableString.Invariant($"{sync}-{size}.jsonl")), keys, new() { Fsync = sync, Rotation = new() { Keep = 1 } }), new("bench", null), TimeProvider.System);
        AuditRecord[] batch = [.. Enumerable.Range(0, size).Select(static i => new AuditRecord
        {
            Time = TimeProvider.System.GetUtcNow(),
            Type = "action_approve",
            Decision = Decision.Allow,
            DecisionId = DecisionId.Next().ToString(),
            Session = "conversation-7",
            Principal = "user-42",
            Run = i + 1,
            Checkpoint = Checkpoint.ToolArguments,
            Tool = "search",
            Policy = "balanced",
            PolicyHash = "0123456789abcdef",
            Duration = TimeSpan.FromMicroseconds(12),
            Instance = "bench",
        })];
        var (began, count) = (TimeProvider.System.GetTimestamp(), 0L);
        while (TimeProvider.System.GetElapsedTime(began) < Each)
        {
            await file.WriteAsync(batch, CancellationToken.None);
            count += size;
        }

        return count / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> InspectAsync(AuditPolicy? audit)
    {
        await using var guard = AegisGuard.Create(new() { Scanner = null, DenialOfWallet = null, Audit = audit });
        var subject = new UserInput("x");
        await guard.InspectAsync(subject, Session);
        var (began, count) = (TimeProvider.System.GetTimestamp(), 0L);
        while (TimeProvider.System.GetElapsedTime(began) < Each)
        {
            await guard.InspectAsync(subject, Session);
            count++;
        }

        return TimeProvider.System.GetElapsedTime(began).TotalMicroseconds / count;
    }
}
