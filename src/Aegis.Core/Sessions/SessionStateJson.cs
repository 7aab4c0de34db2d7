using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Aegis;

/// <summary>
/// A session in bytes. A member is one line where it is written and one where it is read; one that is empty is not written, so that a
/// process that does not know it refuses only the sessions that have it. The last member is a checksum over everything before it.
/// </summary>
internal static class SessionStateJson
{
    private const int Version = 1;
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxText = 1_024;
    private const int MaxItems = 65_536;
    private const int CheckBytes = 16;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    private static ReadOnlySpan<byte> BeforeCheck => ",\"check\":\""u8;

    private static ReadOnlySpan<byte> AfterCheck => "\"}"u8;

    public static byte[] Write(SessionState state)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("version"u8, Version);
        if (state.Lock is { } held)
        {
            json.WriteStartObject("lock"u8);
            json.WriteString("kind"u8, held.Kind == SessionLockKind.Banned ? "banned"u8 : "quarantined"u8);
            Write(json, "until"u8, held.Until?.UtcTicks ?? 0);
            json.WriteEndObject();
        }

        Write(json, "meters"u8, state.Meters, WriteMeter);
        Write(json, "runs"u8, state.Runs, WriteRun);
        Write(json, "pending"u8, state.Pending, WritePending);
        Write(json, "labels"u8, (long)state.Labels);
        if (state.Risks is { } risks)
        {
            WriteRisks(json, risks);
        }

        json.Flush();
        Span<byte> check = stackalloc byte[2 * CheckBytes];
        CheckOf(buffer.WrittenSpan, check);
        json.WriteString("check"u8, check);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static SessionState Read(ReadOnlySpan<byte> utf8)
    {
        var body = utf8.Length - BeforeCheck.Length - (2 * CheckBytes) - AfterCheck.Length;
        if (body <= 0 || utf8.Length > MaxBytes)
        {
            throw Refused("it is not one");
        }

        Span<byte> check = stackalloc byte[2 * CheckBytes];
        CheckOf(utf8[..body], check);
        var tail = utf8[body..];
        if (!tail.StartsWith(BeforeCheck) || !tail.EndsWith(AfterCheck) || !CryptographicOperations.FixedTimeEquals(tail.Slice(BeforeCheck.Length, check.Length), check))
        {
            throw Refused("it is damaged");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8.ToArray(), Strict);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw Refused("it is malformed");
        }
    }

    private static SessionState Read(JsonElement root)
    {
        var state = SessionState.Empty;
        var known = false;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "version":
                    known = member.Value.GetInt32() == Version ? true : throw Refused("its version is not known here");
                    break;
                case "lock":
                    state = state with { Lock = ReadLock(member.Value) };
                    break;
                case "meters":
                    state = state with { Meters = All(member.Value, ReadMeter, MaxItems) };
                    break;
                case "runs":
                    state = state with { Runs = All(member.Value, ReadRun, SessionState.MaxRuns) };
                    break;
                case "pending":
                    state = state with { Pending = All(member.Value, ReadPending, MaxItems) };
                    break;
                case "labels":
                    state = state with { Labels = Count(member.Value) is var labels && labels <= (long)SessionLabels.Both ? (SessionLabels)labels : throw Malformed() };
                    break;
                case "risks":
                    state = state with { Risks = ReadRisks(member.Value) };
                    break;
                case "check":
                    break;
                default:
                    throw Refused("it has a member that is not known here");
            }
        }

        return known ? state : throw Refused("it has no version");
    }

    private static SessionLock ReadLock(JsonElement json)
    {
        var (kind, until) = (SessionLockKind.None, 0L);
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "kind":
                    kind = member.Value.GetString() switch { "banned" => SessionLockKind.Banned, "quarantined" => SessionLockKind.Quarantined, _ => throw Malformed() };
                    break;
                case "until":
                    until = Count(member.Value);
                    break;
                default:
                    throw Malformed();
            }
        }

        return kind == SessionLockKind.None ? throw Malformed() : new(kind, until == 0 ? null : Time(until));
    }

    private static void WriteRisks(Utf8JsonWriter json, RiskTrail risks)
    {
        json.WriteStartObject("risks"u8);
        json.WriteNumber("expires"u8, risks.ExpiresTicks);
        json.WriteStartArray("marks"u8);
        foreach (var mark in risks.Marks)
        {
            json.WriteNumberValue(mark.Bits);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static RiskTrail ReadRisks(JsonElement json)
    {
        var risks = new RiskTrail([], 0);
        foreach (var member in json.EnumerateObject())
        {
            risks = member.Name switch
            {
                "expires" => risks with { ExpiresTicks = Time(Count(member.Value)).UtcTicks },
                "marks" => risks with { Marks = All(member.Value, static number => new RiskMark(number.GetUInt64()), RiskTrail.MaxLength) },
                _ => throw Malformed(),
            };
        }

        return risks is { Marks.IsEmpty: false, ExpiresTicks: not 0 } && risks.Marks[0].Level != 0 && risks.Marks.All(static mark => mark.Level <= RiskMark.Blocked) ? risks : throw Malformed();
    }

    private static void WriteMeter(Utf8JsonWriter json, WindowMeter meter)
    {
        json.WriteString("name"u8, meter.Key);
        json.WriteNumber("window"u8, meter.Account.Window);
        Write(json, "bucket"u8, meter.Bucket);
        Write(json, "count"u8, meter.Count);
        if (!meter.Older.IsDefaultOrEmpty)
        {
            json.WriteStartArray("older"u8);
            foreach (var (bucket, count) in meter.Older)
            {
                json.WriteNumberValue(bucket);
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
        }
    }

    private static WindowMeter ReadMeter(JsonElement json)
    {
        var (name, window, bucket, count) = ("", 0L, 0L, 0L);
        ImmutableArray<(long, long)> older = [];
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name":
                    name = Text(member.Value);
                    break;
                case "window":
                    window = Count(member.Value);
                    break;
                case "bucket":
                    bucket = Count(member.Value);
                    break;
                case "count":
                    count = Count(member.Value);
                    break;
                case "older":
                    older = Pairs(member.Value, Count, 2 * WindowMeter.Buckets);
                    break;
                default:
                    throw Malformed();
            }
        }

        return name.Length == 0 || window == 0 ? throw Malformed() : new(new(name, window), bucket, count, older);
    }

    private static void WriteRun(Utf8JsonWriter json, RunState run)
    {
        json.WriteNumber("id"u8, run.Id.Value);
        json.WriteNumber("process"u8, run.Id.Process);
        if (!run.Parent.IsNone)
        {
            json.WriteNumber("parent"u8, run.Parent.Value);
            json.WriteNumber("parentProcess"u8, run.Parent.Process);
        }

        json.WriteNumber("expires"u8, run.ExpiresTicks);
        Write(json, "steps"u8, run.Steps);
        Write(json, "risk"u8, run.Risk);
        Write(json, "pendingRisk"u8, run.PendingRisk);
        Write(json, "judged"u8, run.Judged);
        if (run.Closed)
        {
            json.WriteBoolean("closed"u8, true);
        }

        if (run.Trail is not null)
        {
            json.WriteStartArray("trail"u8);
            for (var node = run.Trail; node is not null; node = node.Previous)
            {
                json.WriteNumberValue(node.Call);
                json.WriteNumberValue(node.Result);
            }

            json.WriteEndArray();
        }
    }

    private static RunState ReadRun(JsonElement json)
    {
        var run = new RunState(default, default, 0);
        foreach (var member in json.EnumerateObject())
        {
            run = member.Name switch
            {
                "id" => run with { Id = run.Id with { Value = Count(member.Value) } },
                "process" => run with { Id = run.Id with { Process = member.Value.GetUInt64() } },
                "parent" => run with { Parent = run.Parent with { Value = Count(member.Value) } },
                "parentProcess" => run with { Parent = run.Parent with { Process = member.Value.GetUInt64() } },
                "expires" => run with { ExpiresTicks = Time(Count(member.Value)).UtcTicks },
                "steps" => run with { Steps = checked((int)Count(member.Value)) },
                "risk" => run with { Risk = Risk(member.Value) },
                "pendingRisk" => run with { PendingRisk = Risk(member.Value) },
                "judged" => run with { Judged = checked((int)Count(member.Value)) },
                "closed" => run with { Closed = member.Value.GetBoolean() },
                "trail" => run with { Trail = Trail(Pairs(member.Value, static number => number.GetUInt64(), CallTrail.MaxLength)) },
                _ => throw Malformed(),
            };
        }

        return run.Id.IsNone || run.ExpiresTicks == 0 ? throw Malformed() : run;
    }

    private static void WritePending(Utf8JsonWriter json, PendingApproval approval)
    {
        json.WriteString("id"u8, approval.RequestId);
        json.WriteBase64String("binding"u8, approval.Binding.AsSpan());
        json.WriteString("policy"u8, approval.Policy);
        json.WriteNumber("expires"u8, approval.Expires.UtcTicks);
    }

    private static PendingApproval ReadPending(JsonElement json)
    {
        var approval = new PendingApproval("", [], "", default);
        foreach (var member in json.EnumerateObject())
        {
            approval = member.Name switch
            {
                "id" => approval with { RequestId = Text(member.Value) },
                "binding" => approval with { Binding = [.. member.Value.GetBytesFromBase64()] },
                "policy" => approval with { Policy = Text(member.Value) },
                "expires" => approval with { Expires = Time(Count(member.Value)) },
                _ => throw Malformed(),
            };
        }

        return approval is { RequestId.Length: > 0, Policy.Length: > 0, Binding.Length: SHA256.HashSizeInBytes } && approval.Expires != default ? approval : throw Malformed();
    }

    private static void Write<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long number)
    {
        if (number != 0)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, double number)
    {
        if (number != 0)
        {
            json.WriteNumber(name, number);
        }
    }

    private static ImmutableArray<T> All<T>(JsonElement json, Func<JsonElement, T> read, int most)
    {
        var items = ImmutableArray.CreateBuilder<T>(json.GetArrayLength() is > 0 and var length && length <= most ? length : throw Malformed());
        foreach (var item in json.EnumerateArray())
        {
            items.Add(read(item));
        }

        return items.MoveToImmutable();
    }

    private static ImmutableArray<(T, T)> Pairs<T>(JsonElement json, Func<JsonElement, T> read, int most)
    {
        var numbers = All(json, read, 2 * most);
        var pairs = ImmutableArray.CreateBuilder<(T, T)>(numbers.Length % 2 == 0 ? numbers.Length / 2 : throw Malformed());
        for (var i = 0; i < numbers.Length; i += 2)
        {
            pairs.Add((numbers[i], numbers[i + 1]));
        }

        return pairs.MoveToImmutable();
    }

    private static CallTrail? Trail(ImmutableArray<(ulong Call, ulong Result)> newestFirst)
    {
        CallTrail? trail = null;
        for (var i = newestFirst.Length - 1; i >= 0; i--)
        {
            trail = new(newestFirst[i].Call, newestFirst[i].Result, trail, newestFirst.Length - i);
        }

        return trail;
    }

    private static long Count(JsonElement number) => number.GetInt64() is >= 0 and var count ? count : throw Malformed();

    private static double Risk(JsonElement number) => number.GetDouble() is >= 0 and < double.PositiveInfinity and var risk ? risk : throw Malformed();

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private static string Text(JsonElement text) => text.GetString() is { Length: <= MaxText } read ? read : throw Malformed();

    private static void CheckOf(ReadOnlySpan<byte> body, Span<byte> hex)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash[..CheckBytes]), hex);
    }

    private static FormatException Malformed() => new("malformed");

    private static AegisException Refused(string why) => new($"The state of a session cannot be read: {why}.");
}
