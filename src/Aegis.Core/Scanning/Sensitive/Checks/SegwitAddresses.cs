namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Addresses of Bitcoin with a witness program.</summary>
internal static class SegwitAddresses
{
    private const char Separator = '1';
    private const int MostCharacters = 90;
    private const int LastVersion = 16;
    private const int NotData = 7;   // characters of the version and the checksum
    private const int BitsOfCharacter = 5;
    private const int BitsOfByte = 8;
    private const int KeyProgram = 20;
    private const int ScriptProgram = 32;
    private const uint OfVersion0 = 1;   // what the checksum must come to
    private const uint OfOthers = 0x2BC830A3;

    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static ReadOnlySpan<uint> Generators => [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3];

    /// <summary>Whether a value is an address: letters of one case, a version, a program of the version's length, and six characters of a checksum (BIP 173; BIP 350).</summary>
    public static bool IsAddress(ReadOnlySpan<char> value)
    {
        var separator = value.LastIndexOf(Separator);
        var data = value[(separator + 1)..];
        if (value.Length > MostCharacters || data.Length <= NotData || (value.ContainsAnyInRange('a', 'z') && value.ContainsAnyInRange('A', 'Z')))
        {
            return false;
        }

        var prefix = value[..Math.Max(separator, 0)];
        var sum = 1u;
        foreach (var c in prefix)
        {
            sum = Next(sum, Letters.Lower(c) >> BitsOfCharacter);
        }

        sum = Next(sum, 0);
        foreach (var c in prefix)
        {
            sum = Next(sum, Letters.Lower(c) & ((1 << BitsOfCharacter) - 1));
        }

        foreach (var c in data)
        {
            var index = Alphabet.IndexOf(Letters.Lower(c), StringComparison.Ordinal);
            if (index < 0)
            {
                return false;
            }

            sum = Next(sum, index);
        }

        var version = Alphabet.IndexOf(Letters.Lower(data[0]), StringComparison.Ordinal);
        var length = (data.Length - NotData) * BitsOfCharacter / BitsOfByte;
        return version <= LastVersion
            && sum == (version == 0 ? OfVersion0 : OfOthers)
            && (version == 0 ? length is KeyProgram or ScriptProgram : length is >= 2 and <= 40);
    }

    private static uint Next(uint sum, int character)
    {
        var top = sum >> 25;
        var next = ((sum & 0x1FFFFFF) << BitsOfCharacter) ^ (uint)character;
        for (var i = 0; i < Generators.Length; i++)
        {
            next ^= ((top >> i) & 1) == 1 ? Generators[i] : 0;
        }

        return next;
    }
}
