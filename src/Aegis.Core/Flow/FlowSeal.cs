using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Flow;

/// <summary>
/// Seals the entries of one session's log (AES-256-GCM), so that a store can neither read nor make one, nor hand out another session's: the keys are of the app's key
/// and the session. A log of which anything cannot be opened is refused as a whole. Thread-safe.
/// </summary>
internal sealed class FlowSeal
{
    /// <summary>Bytes of the app's key, at least.</summary>
    public const int MinKey = 32;

    private const byte Version = 1;
    private const int Head = 1 + sizeof(int);
    private const int Nonce = 12;
    private const int Tag = 16;
    private const int KeyLength = 32;

    private readonly byte[] _key;

    public FlowSeal(byte[] key, SessionId session)
    {
        Span<byte> made = stackalloc byte[KeyLength + sizeof(ulong)];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, made, salt: [], Encoding.ASCII.GetBytes($"aegis provenance {session.ToStorageKey()}"));
        _key = made[..KeyLength].ToArray();
        Seed = BinaryPrimitives.ReadUInt64LittleEndian(made[KeyLength..]);
    }

    /// <summary>The key of the session's hashes, which is in no store.</summary>
    public ulong Seed { get; }

    /// <summary>An entry as it is appended: version, length, nonce, what is sealed, and the tag over all of it.</summary>
    public byte[] Close(ReadOnlySpan<byte> entry)
    {
        var bytes = new byte[Head + Nonce + entry.Length + Tag];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), bytes.Length - Head);
        var nonce = bytes.AsSpan(Head, Nonce);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, Tag);
        aes.Encrypt(nonce, entry, bytes.AsSpan(Head + Nonce, entry.Length), bytes.AsSpan(bytes.Length - Tag), bytes.AsSpan(0, Head));
        return bytes;
    }

    /// <summary>The entries of a piece of the log.</summary>
    /// <exception cref="InvalidDataException">One is damaged, cut off, of another session, another key or another version.</exception>
    public List<byte[]> Open(ReadOnlySpan<byte> log)
    {
        using var aes = new AesGcm(_key, Tag);
        var entries = new List<byte[]>();
        while (log.Length > 0)
        {
            var length = log.Length > Head && log[0] == Version ? BinaryPrimitives.ReadInt32LittleEndian(log[1..]) : -1;
            if (length < Nonce + Tag || length > log.Length - Head)
            {
                throw new InvalidDataException("No entry begins here.");
            }

            var body = log.Slice(Head, length);
            var entry = new byte[length - Nonce - Tag];
            try
            {
                aes.Decrypt(body[..Nonce], body[Nonce..^Tag], body[^Tag..], entry, log[..Head]);
            }
            catch (CryptographicException e)
            {
                throw new InvalidDataException("An entry is none of this session.", e);
            }

            entries.Add(entry);
            log = log[(Head + length)..];
        }

        return entries;
    }
}
