using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Aegis;

/// <summary>Which writing of a session it is: a number that goes up, so that one that was lost shows, and a random part, so that no two are the same.</summary>
/// <param name="Number">Goes up with every writing; 0: the session is not there.</param>
/// <param name="Bytes">As they stand before the session; empty: it is not there.</param>
internal readonly record struct Stamp(long Number, byte[] Bytes)
{
    public const int Length = 16;

    /// <summary>Of a session that is not there.</summary>
    public static readonly Stamp None = new(0, []);

    /// <summary>Of no session: whatever is there is something else.</summary>
    public static readonly Stamp Unknown = new(0, [(byte)'?']);

    public Stamp Next(long above)
    {
        var bytes = RandomNumberGenerator.GetBytes(Length);
        var number = Math.Max(Number, above) + 1;
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return new(number, bytes);
    }

    /// <summary>The stamp of what is stored.</summary>
    /// <exception cref="AegisException">It has none.</exception>
    public static Stamp Of(ReadOnlySpan<byte> stored) => stored.Length == 0 ? None
        : stored.Length < Length || BinaryPrimitives.ReadInt64BigEndian(stored) is not (> 0 and < long.MaxValue / 2 and var number) ? throw new AegisException("What is stored of a session cannot be read: it is not one.")
        : new(number, stored[..Length].ToArray());
}
