using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Aegis;

/// <summary>What a person's yes is bound to: SHA-256 over question, session, policy version, end, call id, tool and canonical arguments, each with its length before it, so that no part can pass for another.</summary>
internal static class ApprovalBinding
{
    private const string Domain = "aegis/approval/1";

    public static byte[] Of(string requestId, SessionId session, string policy, DateTimeOffset expires, string callId, ReadOnlySpan<byte> callHash)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var part in (ReadOnlySpan<string>)[Domain, requestId, session.ToStorageKey(), policy, callId])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt64LittleEndian(number, bytes.Length);
            hash.AppendData(number);
            hash.AppendData(bytes);
        }

        BinaryPrimitives.WriteInt64LittleEndian(number, expires.UtcTicks);
        hash.AppendData(number);
        hash.AppendData(callHash);
        return hash.GetHashAndReset();
    }
}
