using System.Buffers;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Shapes of values behind the word password that are none. Digits are those of any script.</summary>
internal static class PasswordShapes
{
    private const int Longest = 256;   // code units of a value
    private const int ShortestDomain = 2;
    private const int MostDigitsOfName = 2;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-");
    private static readonly SearchValues<char> LowerNameCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-");
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz-+.");
    private static readonly SearchValues<char> Joints = SearchValues.Create("_.-");
    private static readonly SearchValues<char> EndSigns = SearchValues.Create("!?=*+");

    /// <summary>How the names of algorithms and protocols begin.</summary>
    private static readonly string[] Algorithms =
    [
        "sha1", "sha2", "sha3", "sha512", "sha-1", "sha-2", "sha-3", "sha-512", "md5", "base32", "base58", "base62", "base64", "utf8", "utf16", "utf-8", "utf-16", "aes",
        "argon2", "bcrypt", "scrypt", "pbkdf2", "oauth2", "oauth-2", "http1", "http2", "http3", "http-1", "http-2", "http-3", "ipv4", "ipv6", "latin1", "rsa", "ed25519",
        "x509", "pkcs",
    ];

    private static readonly WordSet Units = new("""
        char chars character characters letters digits symbols words day days d hour hours hr hrs h min mins minute minutes second seconds sec secs s ms week weeks
        month months year years px em rem kb mb gb bit bits byte bytes times x st nd rd th
        """);

    /// <summary>Whether a value is the name of an algorithm or a protocol.</summary>
    public static bool IsAlgorithm(ReadOnlySpan<char> value)
    {
        var name = Letters.Fold(value, stackalloc char[Longest]);
        if (name.ContainsAnyExcept(LowerNameCharacters))
        {
            return false;
        }

        foreach (var algorithm in Algorithms)
        {
            if (name.StartsWith(algorithm, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a value is a number or a range with a unit behind it.</summary>
    public static bool IsMeasure(ReadOnlySpan<char> value)
    {
        var at = DigitsAt(value, 0);
        if (at == 0)
        {
            return false;
        }

        if (at < value.Length && value[at] is '-' or '.')
        {
            var second = DigitsAt(value, at + 1);
            at = second > 0 ? at + 1 + second : at;
        }

        at += at < value.Length && value[at] == '-' ? 1 : 0;
        var unit = value[at..].EndsWith('+') ? value[at..^1] : value[at..];
        return Units.Contains(Letters.Fold(unit, stackalloc char[Longest]));
    }

    /// <summary>Whether a value is an address of e-mail.</summary>
    public static bool IsEmail(ReadOnlySpan<char> value)
    {
        var at = value.IndexOf('@');
        var domain = value[(at + 1)..];
        var dot = domain.LastIndexOf('.');
        return at > 0 && dot > 0 && !domain.Contains('@') && domain.Length - dot - 1 >= ShortestDomain && AreLetters(domain[(dot + 1)..]);
    }

    /// <summary>Whether a value is a version: numbers with dots between them, and what may follow.</summary>
    public static bool IsVersion(ReadOnlySpan<char> value)
    {
        var at = value.Length > 0 && value[0] is 'v' or 'V' ? 1 : 0;
        var (numbers, count) = (0, DigitsAt(value, at));
        while (count > 0)
        {
            numbers++;
            at += count;
            count = at < value.Length && value[at] == '.' ? DigitsAt(value, at + 1) : 0;
            at += count > 0 ? 1 : 0;
        }

        return numbers > 1 && !value[at..].ContainsAnyExcept(VersionCharacters);
    }

    /// <summary>Whether a value without signs is a name of code: words with joints or in camel case and at most two digits behind them, or one word and a digit.</summary>
    public static bool IsName(ReadOnlySpan<char> value)
    {
        var end = value.Length;
        while (end > 0 && char.IsDigit(value[end - 1]))
        {
            end--;
        }

        var name = value[..end];
        var digits = value.Length - end;
        if (name.IsEmpty || digits > MostDigitsOfName || name.ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        return name.ContainsAny(Joints)
            ? name[0] is not ('-' or '.')
            : digits == 1 || (digits == MostDigitsOfName && char.IsAsciiLetterLower(name[0]) && name.ContainsAnyInRange('A', 'Z'));
    }

    /// <summary>Whether a value with signs is a word with an end of a sentence, a query, or code that assigns or compares.</summary>
    public static bool IsText(ReadOnlySpan<char> value, int digits)
    {
        var hasEquals = value.Contains('=');
        if (digits > 0)
        {
            return hasEquals && value.Contains('&');
        }

        var signs = value.IndexOfAnyExcept(NameCharacters);
        return hasEquals
            || value.Contains("||", StringComparison.Ordinal)
            || (signs != 0 && (signs < 0 || !value[signs..].ContainsAnyExcept(EndSigns)));
    }

    /// <summary>How many digits stand at a position.</summary>
    private static int DigitsAt(ReadOnlySpan<char> value, int start)
    {
        var end = start;
        while (end < value.Length && char.IsDigit(value[end]))
        {
            end++;
        }

        return end - start;
    }

    private static bool AreLetters(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetter(c))
            {
                return false;
            }
        }

        return true;
    }
}
