using System.Buffers.Binary;
using System.Text;

namespace Aegis;

/// <summary>Reads what <see cref="StateWriter"/> wrote. What is cut off, too long, or not written as it would be here, is a <see cref="FormatException"/>.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Bytes that have not been read.</summary>
    public readonly int Left => _rest.Length;

    public static FormatException Malformed() => new("malformed");

    public byte Byte() => Bytes(1)[0];

    public ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if ((shift > 0 && next == 0) || (shift == 63 && next > 1))
            {
                throw Malformed();   // one number, one way to write it
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    /// <summary>A number that is not negative, of something that is counted.</summary>
    public long Count() => Number() is <= long.MaxValue and var count ? (long)count : throw Malformed();

    /// <summary>How many of something follow.</summary>
    public int Count(int most) => Number() is var count && count <= (ulong)most ? (int)count : throw Malformed();

    /// <summary>A time, in UTC ticks.</summary>
    public long Ticks() => Count() is var ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks ? ticks : throw Malformed();

    public ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));

    /// <summary>An amount of risk.</summary>
    public double Risk() => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(sizeof(double))) is >= 0 and < double.PositiveInfinity and var risk ? risk : throw Malformed();

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (_rest.Length < length)
        {
            throw Malformed();
        }

        var read = _rest[..length];
        _rest = _rest[length..];
        return read;
    }

    /// <summary>A text of one byte at least.</summary>
    public string Text(int most) => Count(most) is > 0 and var length ? Strict.GetString(Bytes(length)) : throw Malformed();
}
