using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Aegis.Auditing;

/// <summary>
/// Reads the files of a log in their order and says what is wrong first: a record that was changed, taken away, put in or moved, and with copies of checkpoints an
/// end that is missing. Linear in bytes; holds one line and the checkpoints. Not thread-safe.
/// </summary>
/// <param name="keys">The keys.</param>
/// <param name="isLenient">Whether lines of keys that are not there count as good, for whoever goes on with a log under other keys.</param>
internal sealed class AuditVerifier(AuditKeys keys, bool isLenient = false) : IDisposable
{
    private const long MostBelieved = 999_999_999_999_999;   // with three digits less than a line may have, room is left for all that comes

    private readonly AuditChain _chain = new();
    private readonly byte[] _head = new byte[AuditChain.Size];
    private readonly SortedDictionary<long, byte[]> _checkpoints = [];
    private bool _isBegun;
    private string? _log;

    private static ReadOnlySpan<byte> Recovery => ",\"type\":\"audit_recovery\""u8;

    private static ReadOnlySpan<byte> Gap => ",\"type\":\"audit_gap\""u8;

    /// <summary>Number of the last good record; 0: there is none.</summary>
    public long Last { get; private set; }

    /// <summary>Number of the first record.</summary>
    public long First { get; private set; }

    /// <summary>Good records.</summary>
    public long Count { get; private set; }

    /// <summary>Whether every line was signed with a key that is there.</summary>
    public bool IsSigned { get; private set; } = true;

    /// <summary>Bytes of good lines in the file that was read last.</summary>
    public long GoodLength { get; private set; }

    /// <summary>Good lines in the file that was read last.</summary>
    public long GoodLines { get; private set; }

    /// <summary>Time in the first line of the file that was read last, as it stands there.</summary>
    public string? FileTime { get; private set; }

    /// <summary>The log's own id, as the first file says it.</summary>
    public string? Log => _log;

    /// <summary>Number of the oldest record that was not deleted by rotation, as the file says that was read last.</summary>
    public long Oldest { get; private set; }

    /// <summary>Code of the last good record.</summary>
    public ReadOnlySpan<byte> Head => _head;

    /// <summary>Takes copies of checkpoints, a line each; says what is wrong with them.</summary>
    public AuditFault? Expect(string file, Stream stream)
    {
        var reader = new AuditLineReader(stream);
        var hasOther = false;
        for (long number = 1; reader.TryRead(out var line); number++)
        {
            if (!AuditLine.TryParse(line, out var parsed))
            {
                hasOther = true;   // a copy that was cut off by a crash or a full disk: others say the same, or more
                continue;
            }

            if (_checkpoints.TryGetValue(parsed.Sequence, out var other) && !line.SequenceEqual(other))
            {
                return new(file, number, parsed.Sequence, "has two checkpoints that differ: the log was written anew from there.");
            }

            _checkpoints[parsed.Sequence] = line.ToArray();
        }

        return hasOther && _checkpoints.Count == 0 ? new(file, 0, null, "holds no checkpoint.") : null;
    }

    /// <summary>Whether the first line of the file that was read last was signed with a key that is there.</summary>
    public bool IsHeaderSigned { get; private set; }

    /// <summary>Records that say what was found at a start.</summary>
    public long Recoveries { get; private set; }

    /// <summary>Records that say that others are missing.</summary>
    public long Gaps { get; private set; }

    /// <summary>Reads a file behind those that were read before; null: nothing is wrong with it.</summary>
    public AuditFault? Read(string file, Stream stream)
    {
        var (last, log, oldest, isBegun, head) = (Last, _log, Oldest, _isBegun, _head.ToArray());
        var fault = ReadLines(file, stream);
        if (GoodLines == 0)
        {
            (Last, _log, Oldest, _isBegun) = (last, log, oldest, isBegun);   // nothing is believed that no code covers
            head.CopyTo(_head.AsSpan());
        }

        return fault;
    }

    private AuditFault? ReadLines(string file, Stream stream)
    {
        (GoodLength, GoodLines, FileTime) = (0, 0, null);
        var reader = new AuditLineReader(stream);
        Span<byte> code = stackalloc byte[AuditChain.Size];
        for (long number = 1; reader.TryRead(out var line); number++)
        {
            if (!AuditLine.TryParse(line, out var parsed) || !reader.IsWhole)
            {
                return reader.IsWhole ? new(file, number, null, "is no record: it was changed or put in.")
                    : new AuditFault(file, number, null, "has no end: a crash has cut it off, or it is being written.") { IsTorn = reader.IsAtEnd };
            }

            if (number == 1)
            {
                if (ReadHeader(file, line, parsed.Sequence) is { } broken)
                {
                    return broken;
                }
            }

            if (parsed.Sequence != Last + 1)
            {
                return new(file, number, parsed.Sequence, FormattableString.Invariant($"stands where record {Last + 1} should: records were taken away, put in or moved."));
            }

            if (parsed.Key is { } id ? keys.Find(id) is not { } key : !keys.IsEmpty || keys.Any is not null)
            {
                if (!isLenient)
                {
                    return new(file, number, parsed.Sequence, parsed.Key is null ? "is not signed." : $"is signed with key '{AuditText.Of(parsed.Key)}', which is not given.") { IsUnverified = parsed.Key is not null };
                }

                IsSigned = false;
                parsed.Code.CopyTo(code);
            }
            else
            {
                IsSigned &= parsed.Key is not null;
                _chain.Write(parsed.Key is null ? null : keys.Find(parsed.Key), _head, parsed.Body, code);
            }

            if (!CryptographicOperations.FixedTimeEquals(code, parsed.Code))
            {
                return new(file, number, parsed.Sequence, "does not fit its code: it was changed, or what stands before it, or the key is another one.");
            }

            if (isLenient && parsed.Sequence > MostBelieved && (parsed.Key is null || keys.Find(parsed.Key) is null))
            {
                return new(file, number, parsed.Sequence, "has a number that no key vouches for.");   // anybody can write one, behind which no other has room
            }

            if (_checkpoints.Remove(parsed.Sequence, out var checkpoint) && !line.SequenceEqual(checkpoint))
            {
                return new(file, number, parsed.Sequence, "is not what its checkpoint says: the log was cut off before it and written anew.");
            }

            if (number == 1)
            {
                IsHeaderSigned = parsed.Key is { } signed && keys.Find(signed) is not null;
            }

            Recoveries += line.IndexOf(Recovery) > 0 ? 1 : 0;
            Gaps += line.IndexOf(Gap) > 0 ? 1 : 0;
            parsed.Code.CopyTo(_head.AsSpan());
            Last = parsed.Sequence;
            First = First == 0 ? Last : First;
            Count++;
            GoodLines++;
            GoodLength = reader.Position;
        }

        return GoodLines == 0 && reader.Position == 0 && _isBegun ? null : GoodLines > 0 ? null : new AuditFault(file, 0, null, "is empty.");
    }

    /// <summary>Behind the last file: whether the log or its checkpoints speak of records that are not there.</summary>
    /// <param name="file">The last file.</param>
    /// <param name="isDeletedByOthers">Whether others than the log may have deleted its oldest files.</param>
    public AuditFault? End(string file, bool isDeletedByOthers = false) => !isDeletedByOthers && First > Oldest && Oldest > 0
        ? new(file, 0, Oldest, FormattableString.Invariant($"is missing: the log begins with record {First}, and has not deleted what stood before it."))
        : _checkpoints.Count > 0 && _checkpoints.Keys.Last() is var last && last > Last
        ? new(file, 0, last, FormattableString.Invariant($"is missing: the log ends with record {Last}, and a checkpoint says that there was one more at least. Its end was cut off."))
        : null;

    public void Dispose() => _chain.Dispose();

    /// <summary>A file says behind which record it begins; the first one may begin anywhere, because older ones are deleted.</summary>
    private AuditFault? ReadHeader(string file, ReadOnlySpan<byte> line, long sequence)
    {
        long before;
        var head = new byte[AuditChain.Size];
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            var root = document.RootElement;
            if (root.GetProperty("type").GetString() != AuditTypes.File)
            {
                return new(file, 1, sequence, "does not begin a file: what stood before it was taken away.");
            }

            FileTime = root.GetProperty("time").GetString();
            var log = root.GetProperty("log").GetString();
            Oldest = root.GetProperty("oldest").GetInt64();
            if (_isBegun && !string.Equals(log, _log, StringComparison.Ordinal))
            {
                return new(file, 1, sequence, "begins a file of another log.");
            }

            _log = log;
            (before, head) = root.TryGetProperty("previous", out var previous) ? (previous.GetProperty("seq").GetInt64(), Convert.FromHexString(previous.GetProperty("head").GetString() ?? "")) : (0, head);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new(file, 1, sequence, "does not begin a file as one begins: it was changed.");
        }

        if (head.Length != AuditChain.Size || before != sequence - 1)
        {
            return new(file, 1, sequence, "does not begin a file as one begins: it was changed.");
        }

        if (_isBegun && (before != Last || !CryptographicOperations.FixedTimeEquals(head, _head)))
        {
            return new(file, 1, sequence, before > Last ? FormattableString.Invariant($"comes behind record {before}, and the file before ends with record {Last}: records are missing between them.")
                : FormattableString.Invariant($"begins behind record {before}, where the file before has gone on to record {Last}: records were put in, or the log was written anew."));
        }

        if (!_isBegun)
        {
            (Last, _isBegun) = (before, true);
            head.CopyTo(_head.AsSpan());
        }

        return null;
    }
}
