namespace Aegis.Flow;

/// <summary>Whether texts of the user or the host hold a value: whole, where it neither begins nor ends inside something else.</summary>
/// <param name="plain">The text, by <see cref="FlowText.Plain"/>.</param>
/// <param name="at">When it was said: ticks that only grow in a session.</param>
internal sealed class TrustedText(string plain, long at)
{
    private const int MaxWords = 12;

    private readonly string _words = $" {FlowText.Words(plain)} ";

    public string Plain => plain;

    public long At => at;

    /// <param name="texts">The texts.</param>
    /// <param name="plain">The value, by <see cref="FlowText.Plain"/>.</param>
    public static bool Holds(List<TrustedText> texts, string plain)
    {
        if (plain.Length == 0 || texts.Count == 0)
        {
            return false;
        }

        var exact = plain.AsSpan().ContainsAny("@/\\.") || plain.Contains("://", StringComparison.Ordinal);   // an address with another dot is another address
        var words = exact ? "" : FlowText.Words(plain);
        var compact = !exact && plain.AsSpan().ContainsAnyInRange('0', '9') ? FlowText.Compact(plain) : "";
        foreach (var text in texts)
        {
            if (exact ? HoldsExactly(text.Plain, plain) : text.HoldsWords(words, compact))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether texts hold a value letter for letter, where neither a name nor a path goes on.</summary>
    public static bool Says(List<TrustedText> texts, string plain) => plain.Length > 0 && texts.Exists(text => HoldsExactly(text.Plain, plain));

    private static bool HoldsExactly(string text, string value)
    {
        for (var at = text.IndexOf(value, StringComparison.Ordinal); at >= 0; at = text.IndexOf(value, at + 1, StringComparison.Ordinal))
        {
            if (MayBegin(text, at) && MayEnd(text, at + value.Length))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBegin(string text, int at) =>
        at == 0 || IsApart(text[at - 1]) || text[at - 1] is ':' or '=' or '*' || (at > 1 && text[at - 1] == '/' && text[at - 2] == '/');

    /// <summary>A mark that ends a sentence ends an address; one that goes on does not.</summary>
    private static bool MayEnd(string text, int at) =>
        at >= text.Length || IsApart(text[at]) || (text[at] is '.' or ':' or '/' or '!' or '?' or '*' && (at + 1 == text.Length || IsApart(text[at + 1])));

    private static bool IsApart(char c) =>
        char.IsWhiteSpace(c) || c is '"' or '\'' or '’' or '“' or '”' or '(' or ')' or '<' or '>' or '[' or ']' or '{' or '}' or ',' or ';' or '`' or '|' or '。' or '、' or '，'
        || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.OtherLetter;

    private bool HoldsWords(string words, string compact)
    {
        if (words.Length == 0)
        {
            return false;
        }

        if (_words.Contains($" {words} ", StringComparison.Ordinal))
        {
            return true;
        }

        return compact.Length >= 6 && HoldsCompact(_words.Split(' ', StringSplitOptions.RemoveEmptyEntries), compact);
    }

    /// <summary>An account with other spaces and hyphens is the same account.</summary>
    private static bool HoldsCompact(string[] words, string compact)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var at = 0;
            for (var j = i; j < words.Length && j < i + MaxWords && at < compact.Length && compact.AsSpan(at).StartsWith(words[j], StringComparison.Ordinal); j++)
            {
                at += words[j].Length;
            }

            if (at == compact.Length)
            {
                return true;
            }
        }

        return false;
    }
}
