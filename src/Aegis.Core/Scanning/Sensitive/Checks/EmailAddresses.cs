using System.Buffers;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Addresses of e-mail.</summary>
internal static class EmailAddresses
{
    private const int LongestLocal = 64;

    private static readonly SearchValues<char> FillerCharacters = SearchValues.Create("xX.");

    /// <summary>What stands before the <c>@</c> in addresses of repositories.</summary>
    private static readonly WordSet Repositories = new("git hg svn");

    /// <summary>Domains that stand for one's own.</summary>
    private static readonly WordSet PlaceHolders = new("""
        domain yourdomain your-domain mydomain yourcompany your-company mycompany yourorg your-org yoursite your-site yourwebsite yourbusiness host hostname
        server xxx xxxx foo bar baz
        """);

    /// <summary>Whether a value is an address of e-mail: a local part, labels, and a top-level domain that there is (RFC 5321, 4.1.2; RFC 1035, 2.3.1), and no placeholder, address of a repository or name of a package with its version.</summary>
    public static bool IsAddress(ReadOnlySpan<char> value)
    {
        if (value.Contains('/'))
        {
            return false;
        }

        var colon = value.IndexOf(':');
        var address = colon < 0 ? value : value[..colon];
        var at = address.LastIndexOf('@');
        return at > 0 && IsLocal(address[..at]) && IsDomain(address[(at + 1)..]);
    }

    private static bool IsLocal(ReadOnlySpan<char> local) =>
        local.Length <= LongestLocal
        && local[^1] != '.'
        && !local.Contains("..", StringComparison.Ordinal)
        && local.ContainsAnyExcept(FillerCharacters)
        && !Repositories.ContainsLower(local);

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        var dot = domain.LastIndexOf('.');
        if (dot < 0 || !TopLevelDomains.Has(domain[(dot + 1)..]) || IsVersion(domain[..domain.IndexOf('.')]))
        {
            return false;
        }

        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }
        }

        var registered = domain[..dot];
        return !PlaceHolders.ContainsLower(registered[(registered.LastIndexOf('.') + 1)..]);
    }

    /// <summary>Whether a label is a version: digits, and v before or x behind them or not.</summary>
    private static bool IsVersion(ReadOnlySpan<char> label)
    {
        var digits = label.Length > 0 && Letters.Lower(label[0]) == 'v' ? label[1..] : label;
        digits = digits.Length > 0 && Letters.Lower(digits[^1]) == 'x' ? digits[..^1] : digits;
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
