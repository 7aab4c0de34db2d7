using System.Security.Cryptography;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Addresses and keys of crypto-currencies.</summary>
internal static class CryptoAddresses
{
    private const int LongestAddress = 35;   // characters of an address of Bitcoin; keys have more
    private const int AddressBytes = 25;
    private const int CheckBytes = 4;
    private const int MostBytes = 128;
    private const byte KeyHash = 0;      // what an address of Bitcoin begins with: of a key
    private const byte ScriptHash = 5;   // of a script
    private const int SolanaBytes = 32;
    private const int EthereumPrefix = 2;
    private const int EthereumDigits = 40;
    private const int FewestKinds = 6;
    private const int UpperNibble = 8;   // digits of the hash from which on a letter is in upper case

    /// <summary>
    /// Whether a value is an address of Bitcoin, or a longer key, a private one (WIF) or an extended one (BIP 32): its last four bytes are the first of the hash of the
    /// hash of the others (Bitcoin Wiki, "Base58Check encoding"); an address also has 25 bytes and its first is 0 or 5.
    /// </summary>
    public static bool IsBase58Check(ReadOnlySpan<char> value)
    {
        var bytes = Base58.Decode(value, stackalloc byte[MostBytes]);
        if (bytes.Length <= CheckBytes || (value.Length <= LongestAddress && (bytes.Length != AddressBytes || bytes[0] is not (KeyHash or ScriptHash))))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..^CheckBytes], hash);
        Span<byte> twice = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hash, twice);
        return twice[..CheckBytes].SequenceEqual(bytes[^CheckBytes..]);
    }

    /// <summary>Whether a value is an address of Ethereum: twenty bytes of which not all are alike, and the case of its letters unless they are all of one (ERC-55; FIPS 202 for Keccak).</summary>
    public static bool IsEthereum(ReadOnlySpan<char> value)
    {
        if (value.Length != EthereumPrefix + EthereumDigits)
        {
            return false;
        }

        var digits = value[EthereumPrefix..];
        Span<byte> lower = stackalloc byte[EthereumDigits];
        var (hasUpper, hasLower) = (false, false);
        for (var i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiHexDigit(digits[i]))
            {
                return false;
            }

            hasUpper |= char.IsAsciiLetterUpper(digits[i]);
            hasLower |= char.IsAsciiLetterLower(digits[i]);
            lower[i] = (byte)Letters.Lower(digits[i]);
        }

        return Letters.Kinds(Letters.Lower(digits, stackalloc char[EthereumDigits])) >= FewestKinds && (!hasUpper || !hasLower || HasCaseOfHash(digits, lower));
    }

    /// <summary>Whether a value can be an address of Solana, which is a key of 32 bytes: digits and letters of either case (Solana documentation, "Accounts"). It has no checksum.</summary>
    public static bool IsSolana(ReadOnlySpan<char> value) =>
        Base58.Decode(value, stackalloc byte[MostBytes]).Length == SolanaBytes
        && value.ContainsAnyInRange('0', '9') && value.ContainsAnyInRange('a', 'z') && value.ContainsAnyInRange('A', 'Z');

    private static bool HasCaseOfHash(ReadOnlySpan<char> digits, ReadOnlySpan<byte> lower)
    {
        Span<byte> hash = stackalloc byte[Keccak.HashSize];
        Keccak.Hash(lower, hash);
        for (var i = 0; i < digits.Length; i++)
        {
            var nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 0xF;
            if (char.IsAsciiLetter(digits[i]) && char.IsAsciiLetterUpper(digits[i]) != (nibble >= UpperNibble))
            {
                return false;
            }
        }

        return true;
    }
}
