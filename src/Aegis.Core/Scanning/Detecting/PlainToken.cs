using System.Buffers;

namespace Aegis.Scanning.Detecting;

/// <summary>Tokens that look random and are not: addresses, hashes, identifiers, keys.</summary>
internal static class PlainToken
{
    private const int MinHex = 16;
    private const int MinKey = 32;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF-");
    private static readonly SearchValues<char> Key = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-");

    public static bool IsOne(ReadOnlySpan<char> token)
    {
        if (token.Length < 4)
        {
            return false;
        }

        if (token.Contains("://", StringComparison.Ordinal) || token.Contains("www.", StringComparison.Ordinal))
        {
            return true;
        }

        var at = token.IndexOf('@');
        return (at > 0 && token[at..].Contains('.')) || (token.Length >= MinHex && !token.ContainsAnyExcept(Hex)) || (token.Length >= MinKey && !token.ContainsAnyExcept(Key));
    }
}
