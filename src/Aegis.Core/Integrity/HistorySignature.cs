using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Integrity;

/// <summary>What stands on the last message of a response: which key has signed how many messages, and the code over them.</summary>
/// <param name="keyId">The key.</param>
/// <param name="count">Messages up to it.</param>
/// <param name="code">HMAC-SHA-256, whole.</param>
internal sealed class HistorySignature(string keyId, int count, byte[] code)
{
    private const string Version = "1";
    private const int MaxLength = 160;

    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("aegis.history.signature.1");

    public string KeyId => keyId;

    /// <summary>Signs all messages of a chain.</summary>
    public static HistorySignature Of(HistoryKey key, HistoryChain chain) => new(key.Id, chain.Count, Code(key, chain, chain.Count));

    /// <summary>Reads a signature; null: it is none.</summary>
    public static HistorySignature? Parse(string text)
    {
        if (text.Length > MaxLength || text.Split('.') is not [Version, { } id, { } number, { } code] || !HistoryKey.IsId(id) || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        var bytes = new byte[SHA256.HashSizeInBytes];
        return Base64Url.DecodeFromChars(code, bytes, out _, out var written) is OperationStatus.Done && written is SHA256.HashSizeInBytes ? new(id, count, bytes) : null;
    }

    /// <summary>Whether it is the key's signature for the messages of a chain up to a place.</summary>
    public bool IsOf(HistoryKey key, HistoryChain chain, int at) => count - at is 0 && CryptographicOperations.FixedTimeEquals(code, Code(key, chain, at));

    /// <summary>The first half of a code, for the session's memory.</summary>
    public static UInt128 Short(HistoryKey key, HistoryChain chain, int at) => BinaryPrimitives.ReadUInt128BigEndian(Code(key, chain, at));

    /// <summary>Whether what a session remembers is of the messages of a chain up to a place.</summary>
    public static bool IsShort(UInt128 known, HistoryKey key, HistoryChain chain, int at)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, known);
        return CryptographicOperations.FixedTimeEquals(bytes, Code(key, chain, at).AsSpan(0, bytes.Length));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}.{keyId}.{count}.{Base64Url.EncodeToString(code)}");

    private static byte[] Code(HistoryKey key, HistoryChain chain, int at)
    {
        using var writer = new CanonicalWriter();
        Span<byte> link = stackalloc byte[SHA256.HashSizeInBytes];
        chain.At(at).CopyTo(link);
        return HMACSHA256.HashData(key.Secret, [.. Domain, .. writer.Text(key.Id).Text(chain.Session).Number(at).Bytes(link).Sum()]);
    }
}
