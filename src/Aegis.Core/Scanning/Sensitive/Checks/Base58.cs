namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Bytes written with digits and letters without 0, O, I and l (IETF draft-msporny-base58; Wikipedia, "Binary-to-text encoding").</summary>
internal static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int BitsOfByte = 8;

    /// <summary>The bytes of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="room">Gets them.</param>
    /// <returns>They; none if the text has other characters or they do not fit.</returns>
    public static ReadOnlySpan<byte> Decode(ReadOnlySpan<char> text, Span<byte> room)
    {
        room.Clear();
        var (length, zeros) = (0, 0);   // of the number, whose last byte is the last of the room, and before it
        foreach (var c in text)
        {
            var carry = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (carry < 0)
            {
                return [];
            }

            zeros += carry == 0 && length == 0 ? 1 : 0;
            for (var i = 1; i <= length || carry > 0; i++)
            {
                if (i > room.Length)
                {
                    return [];
                }

                carry += room[^i] * Alphabet.Length;
                room[^i] = (byte)(carry & byte.MaxValue);
                carry >>= BitsOfByte;
                length = Math.Max(length, i);
            }
        }

        return length + zeros <= room.Length ? room[^(length + zeros)..] : [];
    }
}
