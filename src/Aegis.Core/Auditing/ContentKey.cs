using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Auditing;

/// <summary>
/// Seals what the audit log keeps for replays (AES-256-GCM), or proves it and hashes texts in it (HMAC-SHA-256). All keys are of the app's secret; the id
/// says which secret it was and nothing else of it. Thread-safe.
/// </summary>
internal sealed class ContentKey
{
    private const int Salt = 16;
    private const int Nonce = 12;
    private const int Tag = 16;
    private const int IdLength = 4;

    private readonly byte[] _seal;
    private readonly byte[] _hash;
    private readonly byte[] _proof;

    public ContentKey(ReadOnlySpan<byte> secret)
    {
        (_seal, _hash, _proof) = (Of(secret, "seal", 32), Of(secret, "hash", 32), Of(secret, "proof", 32));
        Id = Convert.ToHexStringLower(Of(secret, "id", IdLength));
    }

    /// <summary>Eight hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Salt, what is sealed, tag. Each salt makes a key of its own, used once: random nonces under one key would be spent after 2^32 records.</summary>
    /// <param name="plain">What is sealed.</param>
    /// <param name="about">What it belongs to; it can be opened for nothing else.</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> about)
    {
        var made = new byte[Salt + plain.Length + Tag];
        RandomNumberGenerator.Fill(made.AsSpan(0, Salt));
        using var aes = new AesGcm(HMACSHA256.HashData(_seal, made.AsSpan(0, Salt)), Tag);
        aes.Encrypt(stackalloc byte[Nonce], plain, made.AsSpan(Salt, plain.Length), made.AsSpan(made.Length - Tag), about);
        return made;
    }

    /// <summary>What was sealed; null: it was changed, or is of something else.</summary>
    public byte[]? Open(ReadOnlySpan<byte> made, ReadOnlySpan<byte> about)
    {
        if (made.Length < Salt + Tag)
        {
            return null;
        }

        var plain = new byte[made.Length - Salt - Tag];
        using var aes = new AesGcm(HMACSHA256.HashData(_seal, made[..Salt]), Tag);
        try
        {
            aes.Decrypt(stackalloc byte[Nonce], made[Salt..^Tag], made[^Tag..], plain, about);
            return plain;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Bytes that anybody can read, and a proof.</summary>
    public byte[] Sign(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> about) => [.. plain, .. ProofOf(plain, about)];

    /// <summary>What was signed; null: it was changed, or is of something else.</summary>
    public byte[]? Check(ReadOnlySpan<byte> made, ReadOnlySpan<byte> about) =>
        made.Length >= Tag && CryptographicOperations.FixedTimeEquals(made[^Tag..], ProofOf(made[..^Tag], about)) ? made[..^Tag].ToArray() : null;

    /// <summary>16 bytes that say whether two texts are the same, and to nobody without the key what they are.</summary>
    public byte[] Hash(string text) => HMACSHA256.HashData(_hash, MemoryMarshal.AsBytes(text.AsSpan()))[..16];

    /// <summary>The same for the hash of a text, never 0.</summary>
    public ulong Mask(ulong hash)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(HMACSHA256.HashData(_hash, bytes)) | 1;
    }

    private byte[] ProofOf(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> about)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _proof);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, about.Length);
        hash.AppendData(length);
        hash.AppendData(about);
        hash.AppendData(plain);
        return hash.GetHashAndReset()[..Tag];
    }

    private static byte[] Of(ReadOnlySpan<byte> secret, string what, int length)
    {
        var key = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], Encoding.ASCII.GetBytes($"aegis audit content {what}"));
        return key;
    }
}
