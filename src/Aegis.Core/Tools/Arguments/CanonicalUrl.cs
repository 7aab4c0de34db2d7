using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;

namespace Aegis.Tools.Arguments;

/// <summary>Where a URL leads, read so that every client reads the same.</summary>
/// <param name="Scheme">In lower case; null: it says none.</param>
/// <param name="Host">The host.</param>
/// <param name="Port">The port that it says or that its scheme has; null: neither.</param>
internal sealed record CanonicalUrl(string? Scheme, CanonicalHost Host, int? Port)
{
    public const int MaxLength = 8_192;

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    /// <summary>The ports of the schemes that lead to a host.</summary>
    private static readonly FrozenDictionary<string, int> Ports = new Dictionary<string, int>
    {
        ["http"] = 80,
        ["https"] = 443,
        ["ws"] = 80,
        ["wss"] = 443,
        ["ftp"] = 21,
        ["ftps"] = 990,
        ["sftp"] = 22,
        ["ssh"] = 22,
        ["git"] = 9418,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The schemes that lead to a host.</summary>
    public static IEnumerable<string> Schemes => Ports.Keys.Order(StringComparer.Ordinal);

    /// <summary>The port of a scheme that is known.</summary>
    public static int PortOf(string scheme) => Ports[scheme];

    /// <summary>Reads a URL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="url">The URL.</param>
    /// <returns>Why it cannot be read; null when it can.</returns>
    public static string? TryRead(string text, out CanonicalUrl? url)
    {
        url = null;
        if (text.Length is 0 or > MaxLength)
        {
            return "is empty or too long";
        }

        foreach (var c in text)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c) || c == '\\' || char.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                return "has a space, a backslash or a character that cannot be seen";
            }
        }

        var end = text.AsSpan().IndexOfAnyExcept(SchemeCharacters);
        var hasScheme = end > 0 && text.AsSpan(end).StartsWith("://") && char.IsAsciiLetter(text[0]);
        var scheme = hasScheme ? text[..end].ToLowerInvariant() : null;
        if (scheme is not null && !Ports.ContainsKey(scheme))
        {
            return "has a scheme that leads to no host";
        }

        var rest = hasScheme ? text.AsSpan(end + 3) : text;
        var length = rest.IndexOfAny('/', '?', '#') is >= 0 and var stop ? stop : rest.Length;
        var authority = rest[..length].ToString();
        if (rest[length..].StartsWith("?@") || rest[length..].StartsWith("#@"))
        {
            return "has what some clients take for user information";
        }

        if (authority.AsSpan().ContainsAny('@', '%'))
        {
            return authority.Contains('@') ? "has user information" : "has an encoded host";
        }

        var port = scheme is null ? (int?)null : Ports[scheme];
        var colon = authority.EndsWith(']') ? -1 : authority.LastIndexOf(':');
        if (colon >= 0)
        {
            // Without a scheme, what stands before a colon may be one.
            if (scheme is null || authority.AsSpan(colon + 1) is not [>= '1' and <= '9', ..] || !int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var said) || said > ushort.MaxValue)
            {
                return "has a port that is none";
            }

            port = said;
            authority = authority[..colon];
        }

        if (CanonicalHost.TryParse(authority) is not { } host)
        {
            return "has no host that every client reads alike";
        }

        url = new(scheme, host, port);
        return null;
    }
}
