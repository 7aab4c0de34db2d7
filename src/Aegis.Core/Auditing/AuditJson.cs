using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aegis.Auditing;

/// <summary>Records as JSON, in ASCII, members in one order.</summary>
internal static class AuditJson
{
    /// <summary>One record on a line, without its end.</summary>
    public static string TextOf(AuditRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        WriteMembers(writer, record);
        writer.WriteEndObject();
        writer.Flush();
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    /// <summary>All members of a record, into an object that has begun.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, AuditRecord record)
    {
        WriteStart(writer, record.Time, record.Type);
        Text(writer, "decision", record.Decision is { } decision ? NameOf(decision) : null);
        Text(writer, "verdict", record.Verdict is { } verdict && verdict != record.Decision ? NameOf(verdict) : null);
        List(writer, "rules", record.Rules);
        List(writer, "owasp", record.Owasp);
        List(writer, "atlas", record.Atlas);
        List(writer, "details", record.Details);
        Text(writer, "id", record.DecisionId);
        Text(writer, "session", record.Session);
        Text(writer, "principal", record.Principal);
        Text(writer, "tenant", record.Tenant);
        Number(writer, "run", record.Run);
        Text(writer, "request", record.Request);
        Text(writer, "checkpoint", record.Checkpoint is { } at ? NameOf(at) : null);
        Text(writer, "tool", record.Tool);
        Text(writer, "policy", record.Policy);
        Text(writer, "policyHash", record.PolicyHash);
        Number(writer, "durationUs", (long)record.Duration.TotalMicroseconds);
        Text(writer, "lock", record.Lock is { } held ? NameOf(held) : null);
        Text(writer, "lockedUntil", record.LockedUntil is { } until ? TimeOf(until) : null);
        Text(writer, "by", record.By);
        Text(writer, "reason", record.Reason);
        Number(writer, "count", record.Count);
        Text(writer, "replay", record.Replay);
        WritePlace(writer, record.Instance, record.Region);
    }

    /// <summary>What every line begins with behind its place in the chain.</summary>
    public static void WriteStart(Utf8JsonWriter writer, DateTimeOffset time, string type)
    {
        writer.WriteString("time", TimeOf(time));
        writer.WriteString("type", type);
    }

    /// <summary>Which app has written it.</summary>
    public static void WritePlace(Utf8JsonWriter writer, string instance, string? region)
    {
        Text(writer, "instance", instance);
        Text(writer, "region", region);
    }

    public static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    public static string NameOf(Decision decision) => decision switch
    {
        Decision.Allow => "allow",
        Decision.Flag => "flag",
        Decision.Redact => "redact",
        Decision.Ask => "ask",
        _ => "block",
    };

    public static string NameOf(Checkpoint checkpoint) => checkpoint switch
    {
        Checkpoint.Input => "input",
        Checkpoint.ToolDescription => "tool-description",
        Checkpoint.ModelStep => "modelstep",
        Checkpoint.ToolArguments => "tool-arguments",
        Checkpoint.ToolResult => "tool-result",
        _ => "output",
    };

    private static string NameOf(SessionLockKind kind) => kind.ToString().ToLowerInvariant();

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter writer, string name, long value)
    {
        if (value != 0)
        {
            writer.WriteNumber(name, value);
        }
    }

    private static void List(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
