using System.Security.Cryptography;
using System.Text;

namespace Aegis;

/// <summary>A session as it is stored: its stamp, its state, and with a key a signature over both and its name.</summary>
internal sealed class StoredSession(ReadOnlyMemory<byte> key)
{
    private const int MacLength = HMACSHA256.HashSizeInBytes;

    public byte[] Pack(SessionId id, Stamp stamp, SessionState state)
    {
        byte[] body = [.. stamp.Bytes, .. state.ToBytes(id)];
        return key.IsEmpty ? body : [.. body, .. MacOf(id, body)];
    }

    /// <exception cref="AegisException">It is not a session that was written here.</exception>
    public (Stamp Stamp, SessionState State) Unpack(SessionId id, byte[] stored)
    {
        if (stored.Length == 0)
        {
            return (Stamp.None, SessionState.Empty);
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

        return (Stamp.Of(body), SessionState.FromBytes(id, body[Stamp.Length..]));
    }

    private byte[] MacOf(SessionId id, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Span);
        mac.AppendData(Encoding.ASCII.GetBytes(id.ToStorageKey()));   // always as long
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
