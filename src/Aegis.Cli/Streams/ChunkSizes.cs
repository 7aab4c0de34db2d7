using System.Globalization;

namespace Aegis.Cli.Streams;

/// <summary>How a text is cut: <c>N</c> characters each, or <c>random:SEED</c>: 1 to 16, the same for the same seed and text.</summary>
/// <param name="Size">Characters of a piece; 0: random.</param>
/// <param name="Seed">Of the random ones.</param>
internal readonly record struct ChunkSizes(int Size, int Seed)
{
    private const string Random = "random:";
    private const int MaxRandom = 16;

    /// <exception cref="FormatException">It is neither.</exception>
    public static ChunkSizes Parse(string text) =>
        text.StartsWith(Random, StringComparison.Ordinal) && int.TryParse(text.AsSpan(Random.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? new(0, seed)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? new(size, 0)
        : throw new FormatException($"'{text}' is no way to cut a text. Write a number of characters from 1 on, or '{Random}' and a whole number.");

    /// <summary>The pieces of a text.</summary>
    public IEnumerable<string> Cut(string text)
    {
        var random = new Random(Seed);
        for (int at = 0, size; at < text.Length; at += size)
        {
            size = Math.Min(Size > 0 ? Size : random.Next(1, MaxRandom + 1), text.Length - at);
            yield return text.Substring(at, size);
        }
    }
}
