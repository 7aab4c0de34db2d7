using System.Buffers.Binary;
using System.Text;

namespace Aegis;

/// <summary>Bytes of a session, one value behind the other. Numbers take as few bytes as they need: seven bits each, the lowest first (LEB128).</summary>
internal sealed class StateWriter
{
    private byte[] _bytes = new byte[192];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Byte(byte value) => Room(1)[0] = value;

    public void Number(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    /// <summary>A number that is not negative.</summary>
    public void Number(long value) => Number(checked((ulong)value));

    /// <summary>A number that has all its bits, such as a hash.</summary>
    public void Fixed(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);

    public void Fixed(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), value);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    public void Text(string value)
    {
        Number((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetByteCount(value)));
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + length));
        }

        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }
}
