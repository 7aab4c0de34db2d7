namespace Aegis.Tools.Effects;

/// <summary>Words in the form in which they are compared.</summary>
internal static class WordForm
{
    private const int MaxStemmed = 24;

    /// <summary>An English plural or third person without its ending: <c>emails</c> is <c>email</c>, <c>replies</c> is <c>reply</c>. Lower case in, lower case out.</summary>
    public static string Stem(string word) =>
        word.Length is < 4 or > MaxStemmed || word[^1] != 's' || word[^2] is 's' or 'u' or 'i' ? word
        : word.EndsWith("ies", StringComparison.Ordinal) && word.Length > 4 ? $"{word[..^3]}y"
        : word[^2] == 'e' && (word[^3] is 's' or 'x' or 'z' || word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal)) ? word[..^2]
        : word[..^1];

    /// <summary>The words of a text, lower case: runs of letters, digits and the marks inside a word.</summary>
    public static IEnumerable<string> Of(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (char.IsLetterOrDigit(text[i]) || char.IsSurrogate(text[i]) || (text[i] is '\'' or '’' && start >= 0 && i + 1 < text.Length && char.IsLetter(text[i + 1]))))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                yield return text[start..i].ToLowerInvariant();
                start = -1;
            }
        }
    }
}
