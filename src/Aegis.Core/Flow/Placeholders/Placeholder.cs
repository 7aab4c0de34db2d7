using System.Buffers;
using System.Security.Cryptography;

namespace Aegis.Flow.Placeholders;

/// <summary>
/// What stands in a text in place of a value that can come back, for example <c>[EMAIL-kqzvbtwrxmfd]</c>: the type, and 51 random bits in letters that make
/// neither words nor numbers, so that no rule takes it for a value.
/// </summary>
internal static class Placeholder
{
    private const string Letters = "bcdfghjklmnpqrstvwxz";
    private const int Random = 12;     // letters
    private const int MaxType = 40;

    private static readonly SearchValues<char> OfRandom = SearchValues.Create(Letters);
    private static readonly SearchValues<char> OfType = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>A new one, which nobody can guess.</summary>
    public static string New(string type) => $"[{type}-{RandomNumberGenerator.GetString(Letters, Random)}]";

    /// <summary>The type that one names.</summary>
    public static string TypeOf(string placeholder) => placeholder[1..^(Random + 2)];

    /// <summary>Where one stands, or what looks like one.</summary>
    public static IEnumerable<TextRange> In(string text)
    {
        for (var start = text.IndexOf('['); start >= 0; start = text.IndexOf('[', start + 1))
        {
            if (EndOf(text.AsSpan(start)) is var length and > 0)
            {
                yield return new(start, start + length);
            }
        }
    }

    /// <summary>The same text, of which nobody makes a value.</summary>
    public static string Escaped(string placeholder) => $"({placeholder[1..^1]})";

    /// <summary>How long the placeholder is with which a text begins; 0: it begins with none.</summary>
    private static int EndOf(ReadOnlySpan<char> text)
    {
        var type = text[1..].IndexOfAnyExcept(OfType);
        var end = type + Random + 1;
        return type is < 2 or > MaxType || text[type] != '-' || end >= text.Length || text[end] != ']' || text[(type + 1)..end].ContainsAnyExcept(OfRandom) ? 0 : end + 1;
    }
}
