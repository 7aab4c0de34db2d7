using System.Buffers;
using System.Text.Unicode;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Secrets in a form of their own: keys in PEM, credentials in URLs and in headers.</summary>
internal static class SecretShapes
{
    private const int OnStack = 512;
    private const string Dashes = "-----";
    private const int ShortestKey = 24;
    private const double KeyEntropy = 3.0;
    private const string SchemeEnd = "://";
    private const int LongestHeader = 512;
    private const int ShortestUser = 16;   // that is a token, with no password behind it
    private const double UserEntropy = 3.0;
    private const int ShortestPassword = 4;
    private const int BitsOfCharacter = 6;
    private const int BitsOfByte = 8;

    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private static readonly SearchValues<string> Templates = SearchValues.Create(["your", "example", "changeme", "xxxx", "<", "{", "$"], StringComparison.Ordinal);

    /// <summary>Whether a value is the beginning of a private key: so many random characters behind its first line (RFC 7468; RFC 4716; RFC 9580, 6.2).</summary>
    public static bool IsPem(ReadOnlySpan<char> value)
    {
        if (value.Length <= Dashes.Length)
        {
            return false;
        }

        var rest = value[Dashes.Length..];
        var end = rest.IndexOf(Dashes, StringComparison.Ordinal);
        rest = end < 0 ? rest : rest[(end + Dashes.Length)..];
        Span<char> room = rest.Length <= OnStack ? stackalloc char[OnStack] : new char[rest.Length];
        var count = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '\\' && i + 1 < rest.Length && rest[i + 1] is 'r' or 'n' or 't')
            {
                i++;   // a line break as code writes it
            }
            else if (rest[i] == '=' || Base64.Contains(rest[i], StringComparison.Ordinal))
            {
                room[count++] = rest[i];
            }
        }

        var key = room[..count];
        return count >= ShortestKey && !Placeholders.Is(key) && Randomness.Entropy(key) >= KeyEntropy;
    }

    /// <summary>Whether a value is a URL with a password that is none of a form (RFC 3986, 3.2.1).</summary>
    public static bool IsUrlWithPassword(ReadOnlySpan<char> value)
    {
        var colon = value.IndexOf(':');
        if (colon < 1 || !IsScheme(value[..colon]) || !value[colon..].StartsWith(SchemeEnd, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = value[(colon + SchemeEnd.Length)..];
        var at = rest.LastIndexOf('@');
        var split = at < 0 ? -1 : rest[..at].IndexOf(':');
        if (split < 0)
        {
            return false;
        }

        var user = rest[..split];
        var password = rest[(split + 1)..at];
        return (user.IsEmpty || !AreEqual(user, password)) && !user.ContainsAny('$', '<', '{') && Passwords.IsGiven(password);
    }

    /// <summary>Whether a value is the credentials of a header: UTF-8 in Base64, a user and a password, or a token as user (RFC 7617; RFC 4648, 4).</summary>
    public static bool IsBasicAuth(ReadOnlySpan<char> value)
    {
        var text = value.TrimEnd('=');
        if (text.Length is 0 or > LongestHeader || text.Length % 4 == 1)
        {
            return false;
        }

        Span<char> room = stackalloc char[LongestHeader];
        if (!TryDecode(text, room, out var length))
        {
            return false;
        }

        var credentials = room[..length];
        var colon = credentials.IndexOf(':');
        if (colon < 0 || credentials.ContainsAnyInRange('\0', '\u001F') || credentials.Contains('\u007F'))
        {
            return false;
        }

        var user = credentials[..colon];
        var password = credentials[(colon + 1)..];
        return password.IsEmpty
            ? Letters.Count(user) >= ShortestUser && Randomness.IsRandom(user, UserEntropy)
            : Letters.Count(password) >= ShortestPassword
                && !Passwords.IsDummy(password)
                && !Letters.Lower(credentials, stackalloc char[LongestHeader]).ContainsAny(Templates);
    }

    private static bool IsScheme(ReadOnlySpan<char> scheme)
    {
        foreach (var c in scheme)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '.' or '-'))
            {
                return false;
            }
        }

        return char.IsAsciiLetter(scheme[0]);
    }

    private static bool AreEqual(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (Letters.Lower(a[i]) != Letters.Lower(b[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, Span<char> room, out int length)
    {
        length = 0;
        Span<byte> bytes = stackalloc byte[LongestHeader];
        var (count, held, bits) = (0, 0, 0);
        foreach (var c in text)
        {
            var index = Base64.IndexOf(c, StringComparison.Ordinal);
            if (index < 0)
            {
                return false;
            }

            held = (held << BitsOfCharacter) | index;
            bits += BitsOfCharacter;
            if (bits >= BitsOfByte)
            {
                bits -= BitsOfByte;
                bytes[count++] = (byte)(held >> bits);
                held &= (1 << bits) - 1;
            }
        }

        return Utf8.ToUtf16(bytes[..count], room, out _, out length, replaceInvalidSequences: false) == OperationStatus.Done;
    }
}
