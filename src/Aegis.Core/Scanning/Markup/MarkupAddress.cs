using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Text;
using Aegis.Tools.Arguments;

namespace Aegis.Scanning.Markup;

/// <summary>An address as a browser reads it (WHATWG URL): references of HTML decoded, tabs and line breaks left out, backslashes as slashes.</summary>
/// <param name="Scheme">In lower case; empty: it says none.</param>
/// <param name="Authority">User information, host and port; null: it leads to no host.</param>
/// <param name="Rest">What stands behind.</param>
internal readonly record struct MarkupAddress(string Scheme, string? Authority, string Rest)
{
    private const int LongLabel = 20;      // letters and digits in a row that no word or number is made of
    private const int LongSegment = 40;    // the same in a path, where ids stand
    private const int LeastPart = 16;      // of an encoding in parts
    private const int HashLength = 40;     // characters of a commit's hash
    private const int ManyDigits = 24;
    private const int MostHidden = 6;      // encoded letters and digits
    private const int LongQuery = 96;      // characters
    private const int LongPath = 256;
    private const int LongHost = 100;

    private static readonly FrozenSet<string> Network = new[] { "http", "https", "ws", "wss", "ftp" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Running = new[] { "javascript", "vbscript", "livescript", "data", "blob", "filesystem", "jar", "intent", "search-ms", "view-source" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly (string Name, string Character)[] References = [("&colon;", ":"), ("&sol;", "/"), ("&bsol;", "\\"), ("&period;", "."), ("&commat;", "@"), ("&quest;", "?"), ("&num;", "#"), ("&Tab;", ""), ("&NewLine;", "")];   // of HTML 5, which .NET does not know
    private static readonly string[] Pictures = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
    private static readonly char[] Controls = [.. Enumerable.Range(0, 33).Select(static c => (char)c)];
    private static readonly SearchValues<char> HashDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    /// <summary>Reads an address.</summary>
    /// <param name="written">As it stands.</param>
    /// <param name="isMarkdown">Whether a backslash before punctuation is left out (CommonMark 0.31, section 2.4).</param>
    public static MarkupAddress Of(ReadOnlySpan<char> written, bool isMarkdown)
    {
        if (!MayBeIn(written))
        {
            return new("", null, "");   // it leads nowhere else
        }

        var decoded = written.Contains('&') ? Decoded(written.ToString()) : written.ToString();
        if (isMarkdown && decoded.Contains('\\'))
        {
            decoded = Unescaped(decoded);
        }

        var text = decoded.Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace('\\', '/').Trim().TrimStart(Controls);
        var end = text.AsSpan().IndexOfAnyExcept(SchemeCharacters);
        var scheme = end > 0 && text[end] == ':' && char.IsAsciiLetter(text[0]) ? text[..end].ToLowerInvariant() : "";
        var rest = scheme.Length > 0 ? text[(end + 1)..] : text;
        if (scheme.Length > 0 ? !Network.Contains(scheme) && !rest.StartsWith("//", StringComparison.Ordinal) : !(rest.StartsWith("//", StringComparison.Ordinal) || rest.StartsWith("www.", StringComparison.OrdinalIgnoreCase)))
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
        return allowed.IsEmpty || CanonicalHost.TryParse(host) is not { } read || !allowed.Has(read);   // user information makes no host; one that clients read in several ways is none
    }

    /// <summary>Whether it is made to say something: user information, long queries, what reads like an encoding.</summary>
    public bool CarriesData
    {
        get
        {
            var query = Rest.AsSpan().IndexOfAny('?', '#') is >= 0 and var at ? at : Rest.Length;
            return HidesWords(Rest) || Authority?.Contains('@') == true || Authority?.Length > LongHost || HasCode(Authority, LongLabel)
                || Rest.Length - query > LongQuery || query > LongPath
                || HasCode(Rest.AsSpan(0, query), LongSegment) || HasCode(Rest.AsSpan(query), LongLabel);
        }
    }

    /// <summary>Whether it has a query or says more than a place.</summary>
    public bool MayCarryData => CarriesData || Rest.AsSpan().ContainsAny('?', '#') || HasCode(Rest, LongLabel);

    /// <summary>Whether a text may hold an address that leads elsewhere.</summary>
    public static bool MayBeIn(ReadOnlySpan<char> text) => text.IndexOfAny(":&/\\") >= 0 || text.Contains("www.", StringComparison.OrdinalIgnoreCase);

    private static string Unescaped(string text)
    {
        var unescaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            i += text[i] == '\\' && i + 1 < text.Length && text[i + 1] < 0x80 && (char.IsPunctuation(text[i + 1]) || char.IsSymbol(text[i + 1])) ? 1 : 0;
            unescaped.Append(text[i]);
        }

        return unescaped.ToString();
    }

    private static string Decoded(string text)
    {
        text = WebUtility.HtmlDecode(Closed(text));
        foreach (var (name, character) in References)
        {
            text = text.Replace(name, character, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>With a semicolon behind each number of a character, which browsers do without.</summary>
    private static string Closed(string text)
    {
        var closed = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            closed.Append(text[i]);
            if (text[i] == '&' && i + 2 < text.Length && text[i + 1] == '#')
            {
                var isHex = text[i + 2] is 'x' or 'X';
                var end = i + (isHex ? 3 : 2);
                var first = end;
                while (end < text.Length && (isHex ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
                {
                    end++;
                }

                closed.Append(text, i + 1, end - i - 1).Append(end > first && (end == text.Length || text[end] != ';') ? ";" : "");
                i = end - 1;
            }
        }

        return closed.ToString();
    }

    private static bool IsPicture(string data) => Array.Exists(Pictures, type => data.StartsWith(type, StringComparison.OrdinalIgnoreCase));

    /// <summary>A row of letters and digits that is long and mixed: digits among letters, or capitals among small ones.</summary>
    private static bool HasCode(ReadOnlySpan<char> text, int length)
    {
        var (count, changes, isHash, all, digits) = (0, 0, true, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!char.IsAsciiLetterOrDigit(c))
            {
                i += c == '%' ? 2 : 0;
                all += IsMixed(count, changes) ? count : 0;
                if (all >= length)
                {
                    return true;
                }

                (count, changes, isHash, digits) = (0, 0, true, 0);
                continue;
            }

            count++;
            changes += count > 1 && KindOf(c) != KindOf(text[i - 1]) && !(char.IsAsciiLetterLower(c) && char.IsAsciiLetterUpper(text[i - 1])) ? 1 : 0;
            isHash &= char.IsAsciiHexDigitLower(c);
            digits = char.IsAsciiDigit(c) ? digits + 1 : 0;
            if (digits >= ManyDigits || (count >= length && changes * 4 >= length && !(isHash && IsHash(text[(i - count + 1)..]))))
            {
                return true;
            }
        }

        return all + (IsMixed(count, changes) ? count : 0) >= length;
    }

    /// <summary>Whether a row is long enough for a part of an encoding, and mixed as one.</summary>
    private static bool IsMixed(int count, int changes) => count is >= LeastPart and not HashLength && changes * 4 >= count;

    /// <summary>Whether letters and digits are encoded that need not be.</summary>
    private static bool HidesWords(string text)
    {
        var hidden = 0;
        for (var i = 0; i + 2 < text.Length; i++)
        {
            hidden += text[i] == '%' && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]) && char.IsAsciiLetterOrDigit((char)Convert.ToInt32(text.Substring(i + 1, 2), 16)) ? 1 : 0;
        }

        return hidden >= MostHidden;
    }

    /// <summary>Whether what begins here is the hash of a commit, which addresses of source code name.</summary>
    private static bool IsHash(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(HashDigits) is 40 or -1 && text.Length >= 40 && (text.Length == 40 || !char.IsAsciiLetterOrDigit(text[40]));

    private static int KindOf(char c) => char.IsAsciiDigit(c) ? 0 : char.IsAsciiLetterLower(c) ? 1 : 2;
}
