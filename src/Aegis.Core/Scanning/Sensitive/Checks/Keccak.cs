using System.Buffers.Binary;
using System.Numerics;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>The hash of Ethereum: Keccak-256 as it was before it became SHA-3, with another padding (The Keccak reference 3.0; FIPS 202).</summary>
internal static class Keccak
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = 32;

    private const int Lanes = 25;
    private const int Side = 5;
    private const int LaneBytes = 8;
    private const int Rate = 136;   // bytes of a block
    private const byte FirstPad = 0x01;
    private const byte LastPad = 0x80;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Where each lane goes, from lane 1 on.</summary>
    private static ReadOnlySpan<byte> Places => [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    /// <summary>By how many bits it is turned.</summary>
    private static ReadOnlySpan<byte> Turns => [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

    /// <summary>The hash of a message that is shorter than a block.</summary>
    /// <param name="message">The message.</param>
    /// <param name="hash">Gets it.</param>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        Span<byte> block = stackalloc byte[Rate];
        block.Clear();
        message.CopyTo(block);
        block[message.Length] = FirstPad;
        block[^1] |= LastPad;

        Span<ulong> state = stackalloc ulong[Lanes];
        state.Clear();
        for (var i = 0; i < Rate / LaneBytes; i++)
        {
            state[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * LaneBytes)..]);
        }

        foreach (var constant in RoundConstants)
        {
            Round(state, constant);
        }

        for (var i = 0; i < HashSize / LaneBytes; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(i * LaneBytes)..], state[i]);
        }
    }

    private static void Round(Span<ulong> state, ulong constant)
    {
        Span<ulong> row = stackalloc ulong[Side];
        for (var x = 0; x < Side; x++)
        {
            row[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }

        for (var i = 0; i < Lanes; i++)
        {
            state[i] ^= row[(i + 4) % Side] ^ BitOperations.RotateLeft(row[(i + 1) % Side], 1);
        }

        var moved = state[1];
        for (var i = 0; i < Places.Length; i++)
        {
            (state[Places[i]], moved) = (BitOperations.RotateLeft(moved, Turns[i]), state[Places[i]]);
        }

        for (var y = 0; y < Lanes; y += Side)
        {
            state.Slice(y, Side).CopyTo(row);
            for (var x = 0; x < Side; x++)
            {
                state[y + x] = row[x] ^ (~row[(x + 1) % Side] & row[(x + 2) % Side]);
            }
        }

        state[0] ^= constant;
    }
}
