using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Aegis;

/// <summary>
/// A session in bytes: a version, the members that have something to say, each behind its tag and in the order of the tags, and a checksum over all of it
/// and the session's name, so that the state of one session is none of another's. A member is one method that writes and one that reads it. A process that
/// does not know a member refuses only the sessions that have it.
/// </summary>
internal static class SessionCodec
{
    public const byte Version = 2;

    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxText = 4_096;
    private const int MaxItems = 65_536;
    private const int CheckBytes = 16;

    private enum Tag : byte
    {
        Lock = 1,
        Meters,
        Runs,
        Pending,
        Labels,
        Risks,
        Strikes,
        Spent,
        Histories,
    }

    public static byte[] Write(SessionState state, SessionId id)
    {
        var writer = new StateWriter();
        writer.Byte(Version);
        if (state.Lock is { } held)
        {
            writer.Byte((byte)Tag.Lock);
            WriteLock(writer, held);
        }

        WriteAll(writer, Tag.Meters, state.Meters, WriteMeter);
        WriteAll(writer, Tag.Runs, state.Runs, WriteRun);
        WriteAll(writer, Tag.Pending, state.Pending, WritePending);
        if (state.Labels != SessionLabels.None)
        {
            writer.Byte((byte)Tag.Labels);
            writer.Byte((byte)state.Labels);
        }

        if (state.Risks is { } risks)
        {
            writer.Byte((byte)Tag.Risks);
            WriteRisks(writer, risks);
        }

        WriteAll(writer, Tag.Strikes, state.Strikes, WriteStrike);
        WriteAll(writer, Tag.Spent, [.. state.Runs.Where(static run => run.Spent is not null)], WriteSpent);
        WriteAll(writer, Tag.Histories, state.Histories, WriteHistory);
        Span<byte> check = stackalloc byte[CheckBytes];
        CheckOf(writer.Written, id, check);
        writer.Bytes(check);
        return writer.Written.ToArray();
    }

    public static SessionState Read(ReadOnlySpan<byte> bytes, SessionId id)
    {
        if (bytes.Length is <= CheckBytes or > MaxBytes)
        {
            throw Refused("it is not one");
        }

        if (bytes[0] != Version)
        {
            throw Refused("its version is not known here");
        }

        var body = bytes[..^CheckBytes];
        Span<byte> check = stackalloc byte[CheckBytes];
        CheckOf(body, id, check);
        if (!CryptographicOperations.FixedTimeEquals(bytes[^CheckBytes..], check))
        {
            throw Refused("it is damaged, or of another session");
        }

        try
        {
            return Read(new StateReader(body[1..]));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw Refused("it is malformed");
        }
    }

    private static SessionState Read(StateReader reader)
    {
        var state = SessionState.Empty;
        for (var last = default(Tag); !reader.IsAtEnd;)
        {
            var tag = (Tag)reader.Byte();
            state = tag <= last ? throw StateReader.Malformed() : tag switch
            {
                Tag.Lock => state with { Lock = ReadLock(ref reader) },
                Tag.Meters => state with { Meters = ReadAll(ref reader, ReadMeter, MaxItems) },
                Tag.Runs => state with { Runs = ReadAll(ref reader, ReadRun, SessionState.MaxRuns) },
                Tag.Pending => state with { Pending = ReadAll(ref reader, ReadPending, MaxItems) },
                Tag.Labels => state with { Labels = reader.Byte() is > 0 and <= (byte)SessionLabels.Both and var labels ? (SessionLabels)labels : throw StateReader.Malformed() },
                Tag.Risks => state with { Risks = ReadRisks(ref reader) },
                Tag.Strikes => state with { Strikes = ReadAll(ref reader, ReadStrike, Strike.Most) },
                Tag.Spent => state with { Runs = ReadSpent(ref reader, state.Runs) },
                Tag.Histories => state with { Histories = ReadAll(ref reader, ReadHistory, HistoryHead.Most) },
                _ => throw Refused("it has a member that is not known here"),
            };
            last = tag;
        }

        return state;
    }

    private static void WriteLock(StateWriter writer, SessionLock held)
    {
        writer.Byte((byte)held.Kind);
        writer.Number(held.Until?.UtcTicks ?? 0);
    }

    private static SessionLock ReadLock(ref StateReader reader)
    {
        var kind = (SessionLockKind)reader.Byte();
        var until = reader.Ticks();
        return kind is SessionLockKind.Quarantined or SessionLockKind.Banned or SessionLockKind.Terminated ? new(kind, until == 0 ? null : Time(until)) : throw StateReader.Malformed();
    }

    private static void WriteMeter(StateWriter writer, WindowMeter meter)
    {
        writer.Text(meter.Key);
        writer.Number(meter.Account.Window);
        writer.Number(meter.Bucket);
        writer.Number(meter.Count);
        writer.Number(meter.Older.IsDefault ? 0UL : (ulong)meter.Older.Length);
        foreach (var (bucket, count) in meter.Older.IsDefault ? [] : meter.Older)
        {
            writer.Number(meter.Bucket - bucket);   // how long ago: one byte, mostly
            writer.Number(count);
        }
    }

    private static WindowMeter ReadMeter(ref StateReader reader)
    {
        var account = new MeterKey(reader.Text(MaxText), reader.Count() is > 0 and var window ? window : throw StateReader.Malformed());
        var (bucket, count) = (reader.Count(), reader.Count());
        var older = ImmutableArray.CreateBuilder<(long, long)>(reader.Count(2 * WindowMeter.Buckets));
        while (older.Count < older.Capacity)
        {
            older.Add((reader.Count() is > 0 and var ago && ago <= bucket ? bucket - ago : throw StateReader.Malformed(), reader.Count()));
        }

        return new(account, bucket, count, older.MoveToImmutable());
    }

    private static void WriteRun(StateWriter writer, RunState run)
    {
        WriteRunId(writer, run.Id);
        WriteRunId(writer, run.Parent);
        writer.Number(run.ExpiresTicks);
        writer.Number(run.Steps);
        writer.Fixed(run.Risk);
        writer.Fixed(run.PendingRisk);
        writer.Number(run.Judged);
        writer.Byte(run.Closed ? (byte)1 : (byte)0);
        writer.Number(run.Trail?.Length ?? 0);
        for (var node = run.Trail; node is not null; node = node.Previous)
        {
            writer.Fixed(node.Call);
            writer.Fixed(node.Result);
        }
    }

    private static RunState ReadRun(ref StateReader reader)
    {
        var (id, parent, expires) = (ReadRunId(ref reader), ReadRunId(ref reader), reader.Ticks());
        var run = new RunState(id.IsNone ? throw StateReader.Malformed() : id, parent, expires == 0 ? throw StateReader.Malformed() : expires)
        {
            Steps = reader.Count(int.MaxValue),
            Risk = reader.Risk(),
            PendingRisk = reader.Risk(),
            Judged = reader.Count(int.MaxValue),
            Closed = reader.Byte() switch { 0 => false, 1 => true, _ => throw StateReader.Malformed() },
        };
        var newestFirst = new (ulong Call, ulong Result)[reader.Count(CallTrail.MaxLength)];
        for (var i = 0; i < newestFirst.Length; i++)
        {
            newestFirst[i] = (reader.Fixed(), reader.Fixed());
        }

        CallTrail? trail = null;
        for (var i = newestFirst.Length - 1; i >= 0; i--)
        {
            trail = new(newestFirst[i].Call, newestFirst[i].Result, trail, newestFirst.Length - i);
        }

        return run with { Trail = trail };
    }

    private static void WriteSpent(StateWriter writer, RunState run)
    {
        WriteRunId(writer, run.Id);
        writer.Byte(run.Spent!.IsSubAgent ? (byte)1 : (byte)0);
        writer.Number(run.Spent.StartedTicks);
        writer.Number(run.Spent.ToolCalls);
        writer.Number(run.Spent.EgressBytes);
        writer.Number(run.Spent.Tokens);
        writer.Number(run.Spent.CostMicros);
    }

    /// <summary>The runs with what they have spent of budgets of their own.</summary>
    private static ImmutableArray<RunState> ReadSpent(ref StateReader reader, ImmutableArray<RunState> runs)
    {
        var spent = ReadAll(ref reader, static (ref reader) => (Run: ReadRunId(ref reader), Spent: new RunSpent(reader.Byte() switch { 0 => false, 1 => true, _ => throw StateReader.Malformed() }, reader.Ticks())
        {
            ToolCalls = reader.Count(),
            EgressBytes = reader.Count(),
            Tokens = reader.Count(),
            CostMicros = reader.Count(),
        }), SessionState.MaxRuns);
        return spent.All(one => runs.Any(run => run.Id == one.Run)) && spent.DistinctBy(static one => one.Run).Count() == spent.Length
            ? [.. runs.Select(run => run with { Spent = spent.FirstOrDefault(one => one.Run == run.Id).Spent })]
            : throw StateReader.Malformed();
    }

    private static void WriteRunId(StateWriter writer, RunId id)
    {
        writer.Number(id.Value);
        if (!id.IsNone)
        {
            writer.Fixed(id.Process);
        }
    }

    private static RunId ReadRunId(ref StateReader reader) => reader.Count() is > 0 and var value ? new(value, reader.Fixed()) : default;

    private static void WritePending(StateWriter writer, PendingApproval approval)
    {
        writer.Text(approval.RequestId);
        writer.Bytes(approval.Binding.AsSpan());
        writer.Text(approval.Policy);
        writer.Number(approval.Expires.UtcTicks);
    }

    private static PendingApproval ReadPending(ref StateReader reader) =>
        new(reader.Text(MaxText), [.. reader.Bytes(SHA256.HashSizeInBytes)], reader.Text(MaxText), reader.Ticks() is > 0 and var expires ? Time(expires) : throw StateReader.Malformed());

    private static void WriteRisks(StateWriter writer, RiskTrail risks)
    {
        writer.Number(risks.ExpiresTicks);
        writer.Number(risks.Marks.Length);
        foreach (var mark in risks.Marks)
        {
            writer.Fixed(mark.Bits);
        }
    }

    private static RiskTrail ReadRisks(ref StateReader reader)
    {
        var expires = reader.Ticks();
        var risks = new RiskTrail(ReadAll(ref reader, static (ref reader) => new RiskMark(reader.Fixed()), RiskTrail.MaxLength), expires);
        return expires > 0 && risks.Marks[0].Level != 0 && risks.Marks.All(static mark => mark.Level <= RiskMark.Blocked) ? risks : throw StateReader.Malformed();
    }

    private static void WriteStrike(StateWriter writer, Strike strike)
    {
        writer.Fixed(strike.Text);
        writer.Number(strike.UntilTicks);
    }

    private static Strike ReadStrike(ref StateReader reader) =>
        new(reader.Fixed() is var text && (text & byte.MaxValue) == 0 ? text : throw StateReader.Malformed(), reader.Ticks() is > 0 and var until ? until : throw StateReader.Malformed());

    private static void WriteHistory(StateWriter writer, HistoryHead head)
    {
        writer.Fixed(head.Root);
        writer.Number(head.Count);
        WriteCode(writer, head.Code);
        writer.Number(head.AskedCount);
        WriteCode(writer, head.AskedCode);
    }

    private static HistoryHead ReadHistory(ref StateReader reader) =>
        new(reader.Fixed(), reader.Count(int.MaxValue), ReadCode(ref reader), reader.Count(int.MaxValue), ReadCode(ref reader));

    private static void WriteCode(StateWriter writer, UInt128 code)
    {
        writer.Fixed((ulong)(code >> 64));
        writer.Fixed((ulong)code);
    }

    private static UInt128 ReadCode(ref StateReader reader) => new(reader.Fixed(), reader.Fixed());

    private static void WriteAll<T>(StateWriter writer, Tag tag, ImmutableArray<T> items, Action<StateWriter, T> write)
    {
        if (items.IsEmpty)
        {
            return;
        }

        writer.Byte((byte)tag);
        writer.Number(items.Length);
        foreach (var item in items)
        {
            write(writer, item);
        }
    }

    /// <summary>Some of the same kind; a member without any is not written.</summary>
    private static ImmutableArray<T> ReadAll<T>(ref StateReader reader, ReadOne<T> read, int most)
    {
        var count = reader.Count(most) is > 0 and var some ? some : throw StateReader.Malformed();
        var items = ImmutableArray.CreateBuilder<T>();   // grows: a count is only a claim
        while (items.Count < count)
        {
            items.Add(read(ref reader));
        }

        return items.ToImmutable();
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private static void CheckOf(ReadOnlySpan<byte> body, SessionId id, Span<byte> check)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        hash.AppendData(Encoding.ASCII.GetBytes(id.ToStorageKey()));   // always as long
        hash.AppendData(body);
        hash.GetHashAndReset(whole);
        whole[..CheckBytes].CopyTo(check);
    }

    private static AegisException Refused(string why) => new($"The state of a session cannot be read: {why}.");

    private delegate T ReadOne<T>(ref StateReader reader);
}
