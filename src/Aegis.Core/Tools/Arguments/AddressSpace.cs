using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Aegis.Tools.Arguments;

/// <summary>Addresses and names that no public host has (RFC 6890, RFC 6761 and what networks use).</summary>
internal static class AddressSpace
{
    private static readonly (uint Network, int Bits)[] Reserved =
    [
        (0x00000000, 8), (0x0A000000, 8), (0x64400000, 10), (0x7F000000, 8), (0xA9FE0000, 16), (0xAC100000, 12), (0xC0000000, 24), (0xC0000200, 24), (0xC0586300, 24),
        (0xC0A80000, 16), (0xC6120000, 15), (0xC6336400, 24), (0xCB007100, 24), (0xE0000000, 4), (0xF0000000, 4),
    ];

    private static readonly string[] Domains = ["localhost", "local", "localdomain", "internal", "intranet", "private", "lan", "home", "corp", "home.arpa", "test", "invalid", "onion"];

    /// <summary>Public names whose addresses their caller chooses.</summary>
    private static readonly string[] Mirrors = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me"];

    public static bool IsPrivate(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork ? IsPrivate(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : (bytes[0] & 0xE0) != 0x20                                                                            // all that is global begins with 001
                ? bytes is not [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, ..] || IsPrivate(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))   // NAT64
            : bytes is [0x20, 0x01, 0, ..] or [0x20, 0x01, 0x0D, 0xB8, ..] or [0x3F, 0xFF, < 0x10, ..]                // protocols (Teredo), documentation
            || (bytes is [0x20, 0x02, ..] && IsPrivate(BinaryPrimitives.ReadUInt32BigEndian(bytes[2..])));             // 6to4
    }

    /// <summary>Only for names in canonical form.</summary>
    public static bool IsPrivate(string name) => !name.Contains('.') || IsIn(name, Domains) || IsIn(name, Mirrors);

    private static bool IsPrivate(uint address) => Array.Exists(Reserved, range => (address ^ range.Network) >> (32 - range.Bits) == 0);

    private static bool IsIn(string name, string[] domains) => Array.Exists(domains, domain => string.Equals(name, domain, StringComparison.Ordinal) || (name.Length > domain.Length && name[name.Length - domain.Length - 1] == '.' && name.EndsWith(domain, StringComparison.Ordinal)));
}
