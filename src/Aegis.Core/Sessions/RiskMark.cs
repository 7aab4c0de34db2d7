using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Aegis;

/// <summary>
/// One text that a user typed, as a session remembers it: which one, by 56 bits of SHA-256 (nobody can make two tries look like one), and its level.
/// </summary>
/// <param name="Bits">The level in the lowest 8 bits.</param>
internal readonly record struct RiskMark(ulong Bits)
{
    /// <summary>The level of a text that was blocked for what it says: above every risk.</summary>
    public const byte Blocked = Steps + 1;

    private const int Steps = 200;

    /// <summary>Its risk in steps of .005, or <see cref="Blocked"/>.</summary>
    public byte Level => (byte)Bits;

    public static RiskMark Of(string text, byte level)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return new((BinaryPrimitives.ReadUInt64LittleEndian(hash) & ~0xFFUL) | level);
    }

    /// <summary>The level of a risk, to the nearest step.</summary>
    public static byte LevelOf(double risk) => (byte)Math.Round(Math.Clamp(risk, 0, 1) * Steps);

    /// <summary>The risk of a level.</summary>
    public static double RiskOf(byte level) => Math.Min((int)level, Steps) / (double)Steps;

    /// <summary>Whether both are of one text, whatever their levels.</summary>
    public bool IsSameText(RiskMark other) => (Bits ^ other.Bits) <= byte.MaxValue;
}
