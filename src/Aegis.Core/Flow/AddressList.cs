namespace Aegis.Flow;

/// <summary>A text that may name several destinations.</summary>
internal static class AddressList
{
    private const int MaxParts = 64;

    /// <summary>The single ones, without the names before them; the whole text when they are too many to look at.</summary>
    public static List<string> Of(string value)
    {
        var parts = value.Split([',', ';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. (parts.Length > MaxParts ? [value] : parts).Select(Bare)];
    }

    /// <summary>The address without the name before it, if there is one address in one pair of brackets and nothing but a name outside; else all of it, which nobody vouches for.</summary>
    private static string Bare(string part)
    {
        var (open, close) = (part.IndexOf('<'), part.IndexOf('>'));
        return open >= 0 && close == part.Length - 1 && part.LastIndexOf('<') == open && !part.AsSpan(0, open).Contains('@') ? part[(open + 1)..close].Trim() : part;
    }
}
