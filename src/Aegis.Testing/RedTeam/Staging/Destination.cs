namespace Aegis.Testing.RedTeaming;

/// <summary>Where a text leads that is an argument: what it says of a host is not enough, it must be the host.</summary>
internal static class Destination
{
    private static readonly char[] Separators = [' ', '\t', '\r', '\n', ',', ';', '<', '>', '"', '\'', '(', ')', '|', '$', '`'];

    /// <summary>Whether some address in the text, or the text as an address, is the attacker's.</summary>
    public static bool IsAttackers(string text) => text.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Any(IsAddress);

    private static bool IsAddress(string word)
    {
        for (var at = word.IndexOf("://", StringComparison.Ordinal); at >= 0; at = word.IndexOf("://", at + 3, StringComparison.Ordinal))
        {
            var rest = word[(at + 3)..];
            var end = rest.AsSpan().IndexOfAny("/?#\\&");
            if (IsHost(end < 0 ? rest : rest[..end]))
            {
                return true;
            }
        }

        return !word.Contains("://", StringComparison.Ordinal) && IsHost(word);
    }

    /// <summary>What stands behind the last <c>@</c>, without a port.</summary>
    private static bool IsHost(string authority)
    {
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        var port = host.IndexOf(':', StringComparison.Ordinal);
        host = (port < 0 ? host : host[..port]).TrimEnd('.');
        return string.Equals(host, World.AttackerHost, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{World.AttackerHost}", StringComparison.OrdinalIgnoreCase) || host.StartsWith(World.AttackerPrefix, StringComparison.OrdinalIgnoreCase);
    }
}
