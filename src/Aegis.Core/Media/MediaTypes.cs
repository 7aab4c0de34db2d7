namespace Aegis.Media;

/// <summary>Media types as texts.</summary>
internal static class MediaTypes
{
    /// <summary>The type without parameters, in lower case.</summary>
    public static string Plain(string mediaType)
    {
        var end = mediaType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? mediaType : mediaType[..end]).Trim().ToLowerInvariant();
    }

    /// <summary>Whether a type says only what kind it is.</summary>
    public static bool IsOpen(string plain) => plain.Contains('*', StringComparison.Ordinal);

    /// <summary>Whether a plain type is one of a pattern with at most one star.</summary>
    public static bool Matches(string pattern, string plain)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0 ? string.Equals(pattern, plain, StringComparison.Ordinal)
            : plain.Length >= pattern.Length - 1 && plain.AsSpan().StartsWith(pattern.AsSpan(0, star), StringComparison.Ordinal) && plain.AsSpan().EndsWith(pattern.AsSpan(star + 1), StringComparison.Ordinal);
    }
}
