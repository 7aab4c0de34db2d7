using System.Security.Cryptography;
using Aegis.Integrity;

namespace Aegis.Auditing;

/// <summary>The code of a line: HMAC-SHA-256 over the code before it and its own bytes; without a key SHA-256. Not thread-safe.</summary>
internal sealed class AuditChain : IDisposable
{
    /// <summary>Bytes of a code.</summary>
    public const int Size = 32;

    private readonly Dictionary<string, IncrementalHash> _hashes = new(StringComparer.Ordinal);
    private readonly IncrementalHash _plain = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>What stands before the first line of all.</summary>
    public static ReadOnlySpan<byte> Start => new byte[Size];

    /// <summary>Writes the code of a line.</summary>
    public void Write(HistoryKey? key, ReadOnlySpan<byte> before, ReadOnlySpan<byte> line, Span<byte> code)
    {
        var hash = _plain;
        if (key is not null && !_hashes.TryGetValue(key.Id, out hash!))
        {
            _hashes[key.Id] = hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Secret);
        }

        hash.AppendData(before);
        hash.AppendData(line);
        hash.GetHashAndReset(code);
    }

    public void Dispose()
    {
        _plain.Dispose();
        foreach (var hash in _hashes.Values)
        {
            hash.Dispose();
        }
    }
}
