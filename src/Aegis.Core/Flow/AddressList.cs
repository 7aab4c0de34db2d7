namespace Aegis.Flow;

/// <summary>A text that may name several destinations.</summary>
internal static class AddressList
{
    private const int MaxParts = 64;

    /// <summary>The single ones, without the names before them; the whole text when they are too many to look at.</summary>
    public static List<string> Of(string value)
    {
        var parts = value.Split([',', ';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > MaxParts ? [value] : [.. parts.Select(Bare)];
    }

    /// <summary>Letters, as names have them: a mail program may read the rest as another address.</summary>
    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsLetter(c) && c is not (' ' or '"' or '.' or '-' or '\'' or '’'))
            {
                return false;
            }
        }

        return text.IsWhiteSpace() || text.Trim().Contains(' ') || char.IsUpper(text.Trim().Trim('"')[0]);
    }

    /// <summary>The address without the name before it, if there is one address in one pair of brackets and nothing but a name outside; else all of it, which nobody vouches for.</summary>
    private static string Bare(string part)
    {
        var (open, close) = (part.IndexOf('<'), part.IndexOf('>'));
        return open >= 0 && close == part.Length - 1 && part.LastIndexOf('<') == open && part.AsSpan(open).Contains('@') && IsName(part.AsSpan(0, open)) ? part[(open + 1)..close].Trim() : part;
    }
}
