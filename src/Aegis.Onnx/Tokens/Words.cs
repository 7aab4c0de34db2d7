using System.Text;

namespace Aegis.Tokens;

/// <summary>Words of texts, as tokenizers want them.</summary>
internal static class Words
{
    /// <summary>What stands between white space.</summary>
    public static IEnumerable<Range> Of(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at > start)
            {
                yield return start..at;
            }

            at++;
        }
    }

    /// <summary>A word without control characters, and without halves of characters: these are U+FFFD, as in UTF-8.</summary>
    public static string Clean(ReadOnlySpan<char> word)
    {
        var clean = new StringBuilder(word.Length);
        foreach (var rune in word.EnumerateRunes())
        {
            if (!Rune.IsControl(rune))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString();
    }
}
