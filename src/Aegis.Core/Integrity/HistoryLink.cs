using System.Buffers.Binary;

namespace Aegis.Integrity;

/// <summary>One link of a <see cref="HistoryChain"/>: 256 bits. It is no secret, and what it is compared with is in this process.</summary>
internal readonly record struct HistoryLink
{
    private readonly UInt128 _high;
    private readonly UInt128 _low;

    public HistoryLink(ReadOnlySpan<byte> bytes) => (_high, _low) = (BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..32]));

    /// <summary>Its first bits, for telling conversations of one session apart.</summary>
    public ulong Short => (ulong)(_high >> 64);

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], _low);
    }
}
