using System.Buffers;
using System.Collections.Frozen;
using System.Net;

namespace Aegis.Scanning.Markup;

/// <summary>An address as a browser reads it (WHATWG URL): references of HTML decoded, tabs and line breaks left out, backslashes as slashes.</summary>
/// <param name="Scheme">In lower case; empty: it says none.</param>
/// <param name="Authority">User information, host and port; null: it leads to no host.</param>
/// <param name="Rest">What stands behind.</param>
internal readonly record struct MarkupAddress(string Scheme, string? Authority, string Rest)
{
    private const int LongLabel = 20;      // letters and digits in a row that no word or number is made of
    private const int LongSegment = 40;    // the same in a path, where ids stand
    private const int LongQuery = 96;      // characters
    private const int LongPath = 256;
    private const int LongHost = 100;

    private static readonly FrozenSet<string> Network = new[] { "http", "https", "ws", "wss", "ftp" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Running = new[] { "javascript", "vbscript", "livescript", "data", "blob", "filesystem", "jar", "intent", "search-ms", "view-source" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly (string Name, string Character)[] References = [("&colon;", ":"), ("&sol;", "/"), ("&bsol;", "\\"), ("&period;", "."), ("&commat;", "@"), ("&quest;", "?"), ("&num;", "#"), ("&Tab;", ""), ("&NewLine;", "")];   // of HTML 5, which .NET does not know
    private static readonly string[] Pictures = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
    private static readonly SearchValues<char> HashDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    /// <summary>Reads an address.</summary>
    /// <param name="written">As it stands.</param>
    public static MarkupAddress Of(ReadOnlySpan<char> written)
    {
        var decoded = written.Contains('&') ? Decoded(written.ToString()) : written.ToString();
        var text = string.Concat(decoded.Where(static c => c is not ('\t' or '\n' or '\r'))).Replace('\\', '/').Trim();
        text = text.TrimStart([.. Enumerable.Range(0, 33).Select(static c => (char)c)]);
        var end = text.AsSpan().IndexOfAnyExcept(SchemeCharacters);
        var scheme = end > 0 && text[end] == ':' && char.IsAsciiLetter(text[0]) ? text[..end].ToLowerInvariant() : "";
        var rest = scheme.Length > 0 ? text[(end + 1)..] : text;
        if (scheme.Length > 0 ? !Network.Contains(scheme) : !(rest.StartsWith("//", StringComparison.Ordinal) || rest.StartsWith("www.", StringComparison.OrdinalIgnoreCase)))
        {
            return new(scheme, null, rest);
        }

        rest = rest.TrimStart('/');
        var length = rest.AsSpan().IndexOfAny('/', '?', '#') is >= 0 and var stop ? stop : rest.Length;
        return new(scheme, rest[..length], rest[length..]);
    }

    /// <summary>Whether following it runs or shows what it says itself.</summary>
    public bool Runs => (Running.Contains(Scheme) || Scheme.StartsWith("ms-", StringComparison.Ordinal)) && !(Scheme == "data" && IsPicture(Rest));

    /// <summary>Whether it leads to a host that others run.</summary>
    /// <param name="allowed">Hosts that it may lead to.</param>
    public bool Leaves(HostList allowed)
    {
        if (Authority is null or "")
        {
            return false;
        }

        var colon = Authority.LastIndexOf(':');
        var host = colon > Authority.LastIndexOf(']') && !Authority.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9') ? Authority[..colon] : Authority;
        return !allowed.Has(host);   // user information makes no host
    }

    /// <summary>Whether it is made to say something: user information, long queries, what reads like an encoding.</summary>
    public bool CarriesData
    {
        get
        {
            var query = Rest.AsSpan().IndexOfAny('?', '#') is >= 0 and var at ? at : Rest.Length;
            return Authority?.Contains('@') == true || Authority?.Length > LongHost || HasCode(Authority, LongLabel)
                || Rest.Length - query > LongQuery || query > LongPath
                || HasCode(Rest.AsSpan(0, query), LongSegment) || HasCode(Rest.AsSpan(query), LongLabel);
        }
    }

    /// <summary>Whether it has a query or says more than a place.</summary>
    public bool MayCarryData => CarriesData || Rest.AsSpan().ContainsAny('?', '#') || HasCode(Rest, LongLabel);

    private static string Decoded(string text)
    {
        text = WebUtility.HtmlDecode(text);
        foreach (var (name, character) in References)
        {
            text = text.Replace(name, character, StringComparison.Ordinal);
        }

        return text;
    }

    private static bool IsPicture(string data) => Array.Exists(Pictures, type => data.StartsWith(type, StringComparison.OrdinalIgnoreCase));

    /// <summary>A row of letters and digits that is long and mixed: digits among letters, or capitals among small ones.</summary>
    private static bool HasCode(ReadOnlySpan<char> text, int length)
    {
        var (count, changes, isHash) = (0, 0, true);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!char.IsAsciiLetterOrDigit(c))
            {
                i += c == '%' ? 2 : 0;
                (count, changes, isHash) = (0, 0, true);
                continue;
            }

            count++;
            changes += count > 1 && KindOf(c) != KindOf(text[i - 1]) && !(char.IsAsciiLetterLower(c) && char.IsAsciiLetterUpper(text[i - 1])) ? 1 : 0;
            isHash &= char.IsAsciiHexDigitLower(c);
            if (count >= length && changes * 4 >= length && !(isHash && IsHash(text[(i - count + 1)..])))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what begins here is the hash of a commit, which addresses of source code name.</summary>
    private static bool IsHash(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(HashDigits) is 40 or -1 && text.Length >= 40 && (text.Length == 40 || !char.IsAsciiLetterOrDigit(text[40]));

    private static int KindOf(char c) => char.IsAsciiDigit(c) ? 0 : char.IsAsciiLetterLower(c) ? 1 : 2;
}
