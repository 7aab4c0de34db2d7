using System.Buffers;

namespace Aegis.Flow;

/// <summary>An address of the web or of mail, as it is compared: without scheme, user information and the marks at its end.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Rest">Path, query and fragment.</param>
internal readonly record struct WebAddress(string Host, string Rest)
{
    /// <summary>Host and rest.</summary>
    public string Bare => $"{Host}{Rest}";

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+.-");

    public static WebAddress Of(string value)
    {
        var plain = FlowText.Plain(value.Trim());
        var scheme = plain.AsSpan().IndexOfAnyExcept(SchemeCharacters);
        var bare = (scheme > 0 && plain.AsSpan(scheme).StartsWith("://", StringComparison.Ordinal) ? plain[(scheme + 3)..] : plain).TrimEnd('/', '.');
        if (bare.Contains('\\') || bare.StartsWith('/') || (scheme > 0 && plain[scheme] == ':' && bare.Length == plain.TrimEnd('/', '.').Length && !IsPort(plain.AsSpan(scheme + 1))))
        {
            return new(plain, "");   // clients differ in what they read
        }

        var end = bare.AsSpan().IndexOfAny('/', '?', '#');
        var host = end < 0 ? bare : bare[..end];
        return new(host[(host.LastIndexOf('@') + 1)..], end < 0 ? "" : bare[end..]);
    }

    /// <summary>Whether a value reads as one.</summary>
    public static bool IsOne(string value) => IsMail(value) || IsUrl(value);

    public static bool IsMail(string value)
    {
        var at = value.LastIndexOf('@');
        return at > 0 && value.IndexOf('.', at) > at + 1 && !value.EndsWith('.') && !value.AsSpan().Trim().ContainsAny(" \n\t:/");
    }

    public static bool IsUrl(string value)
    {
        var text = value.AsSpan().Trim();
        if (text.IndexOfAny(" \n\t") >= 0 || text.Length < 4 || (text[1] == ':' && char.IsAsciiLetter(text[0])))   // a drive of Windows
        {
            return false;
        }

        if (text.Contains(":/", StringComparison.Ordinal) || text.StartsWith("//", StringComparison.Ordinal) || text.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // host.tld/path: a name of several parts whose last one is made of letters, with a path, or with an end that is no kind of file.
        var slash = text.IndexOf('/');
        var host = slash < 0 ? text : text[..slash];
        var dot = host.LastIndexOf('.');
        var port = host.LastIndexOf(':');
        if (port > 0 && dot > 0 && IsPort(host[(port + 1)..]))
        {
            return true;
        }

        return slash > 0 && dot > 0 && !host.ContainsAny("\\")
            && ((dot < host.Length - 2 && (!host[(dot + 1)..].ContainsAnyExceptInRange('a', 'z') || host[(dot + 1)..].StartsWith("xn--", StringComparison.OrdinalIgnoreCase))) || (host.Count('.') == 3 && System.Net.IPAddress.TryParse(host, out _)));
    }

    private static bool IsPort(ReadOnlySpan<char> text)
    {
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        return digits is > 0 and <= 5 && (digits == text.Length || text[digits] is '/' or '?' or '#');
    }
}
