using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Aegis;

/// <summary>
/// A session as it is stored: its stamp, where it comes from, its state, and with a key a signature over all of it and its name. Before there was a lineage the
/// state, which begins with its own version, stood behind the stamp: that is still read.
/// </summary>
internal sealed class StoredSession(ReadOnlyMemory<byte> key)
{
    private const int MacLength = HMACSHA256.HashSizeInBytes;
    private const byte HasLineage = 0x80;   // no version of a state
    private const int CheckLength = 4;

    public byte[] Pack(SessionId id, Stamp stamp, Lineage lineage, SessionState state)
    {
        byte[] head = [.. stamp.Bytes, .. Written(lineage, stamp)];
        byte[] body = [.. head, .. CheckOf(id, head), .. state.ToBytes(id)];
        return key.IsEmpty ? body : [.. body, .. MacOf(id, body)];
    }

    /// <exception cref="AegisException">It is not a session that was written here.</exception>
    public Stored Unpack(SessionId id, byte[] stored)
    {
        if (stored.Length == 0)
        {
            return new(Stamp.None, Lineage.None, SessionState.Empty);
        }

        var body = stored.AsSpan();
        if (!key.IsEmpty)
        {
            body = stored.AsSpan(0, Math.Max(0, stored.Length - MacLength));
            if (!CryptographicOperations.FixedTimeEquals(MacOf(id, body), stored.AsSpan(body.Length)))
            {
                throw new AegisException("What is stored of a session cannot be read: its signature is not right. Is the key the same at all instances?");
            }
        }

        var stamp = Stamp.Of(body);
        if (body.Length <= Stamp.Length || body[Stamp.Length] != HasLineage)
        {
            return new(stamp, Lineage.None, SessionState.FromBytes(id, body[Stamp.Length..]));
        }

        try
        {
            var (lineage, length) = Read(body[(Stamp.Length + 1)..], stamp);
            var head = body[..(Stamp.Length + 1 + length)];
            return head.Length + CheckLength <= body.Length && CryptographicOperations.FixedTimeEquals(CheckOf(id, head), body.Slice(head.Length, CheckLength))
                ? new(stamp, lineage, SessionState.FromBytes(id, body[(head.Length + CheckLength)..]))
                : throw StateReader.Malformed();
        }
        catch (FormatException)
        {
            throw new AegisException("What is stored of a session cannot be read: it is damaged, or of another session.");
        }
    }

    private static byte[] Written(Lineage lineage, Stamp stamp)
    {
        var writer = new StateWriter();
        writer.Byte(HasLineage);
        writer.Number((ulong)lineage.Birth);
        writer.Number(lineage.Writers.Length);
        foreach (var (id, number) in lineage.Writers)
        {
            writer.Number((ulong)id);
            writer.Number(stamp.Number - number);   // how long ago: one byte, mostly
        }

        return writer.Written.ToArray();
    }

    private static (Lineage Lineage, int Length) Read(ReadOnlySpan<byte> bytes, Stamp stamp)
    {
        var reader = new StateReader(bytes);
        var birth = Id(ref reader);
        var writers = ImmutableArray.CreateBuilder<(uint, long)>(reader.Count(Lineage.Most));
        while (writers.Count < writers.Capacity)
        {
            writers.Add((Id(ref reader), reader.Count() is var ago && ago < stamp.Number ? stamp.Number - ago : throw StateReader.Malformed()));
        }

        return (new(birth, writers.MoveToImmutable()), bytes.Length - reader.Left);

        static uint Id(ref StateReader reader) => reader.Number() is > 0 and <= uint.MaxValue and var id ? (uint)id : throw StateReader.Malformed();
    }

    private static byte[] CheckOf(SessionId id, ReadOnlySpan<byte> head)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(id.ToStorageKey()), .. head];
        return SHA256.HashData(named)[..CheckLength];
    }

    private byte[] MacOf(SessionId id, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Span);
        mac.AppendData(Encoding.ASCII.GetBytes(id.ToStorageKey()));   // always as long
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
