using System.Collections.Frozen;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Words that are looked up in a text without a copy.</summary>
/// <param name="words">They, with spaces or line breaks between them.</param>
internal sealed class WordSet(string words)
{
    private const int LongestWord = 64;

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _words =
        words.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a word is one of them.</summary>
    public bool Contains(ReadOnlySpan<char> word) => _words.Contains(word);

    /// <summary>Whether a word in lower case is one of them.</summary>
    public bool ContainsLower(ReadOnlySpan<char> word) => word.Length <= LongestWord && Contains(Letters.Lower(word, stackalloc char[LongestWord]));
}
