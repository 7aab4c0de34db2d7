namespace Aegis.Tools;

/// <summary>
/// A pattern over tool names: <c>*</c> is any run of characters, <c>?</c> is one. Case does not count, nor which of <c>-</c>, <c>_</c> and <c>.</c>
/// separates words: frameworks join the names of a plugin and its function with different ones.
/// </summary>
internal sealed class Glob
{
    private readonly ToolName _pattern;

    public Glob(string text)
    {
        Text = text;
        _pattern = ToolName.Of(text);
        IsExact = !text.AsSpan().ContainsAny('*', '?');
        Literals = text.AsSpan().Length - text.AsSpan().Count('*') - text.AsSpan().Count('?');
    }

    public string Text { get; }

    public bool IsExact { get; }

    public bool IsAscii => System.Text.Ascii.IsValid(Text);

    /// <summary>Characters that are neither <c>*</c> nor <c>?</c>: the more, the more specific.</summary>
    public int Literals { get; }

    /// <summary>A name with one separator.</summary>
    public static string Folded(string name) => name.AsSpan().ContainsAny('-', '.') ? name.Replace('-', '_').Replace('.', '_') : name;

    /// <summary>The form in which globs are compared with each other: lower case, one separator, runs of stars as one.</summary>
    public static string Canonical(string text)
    {
        var folded = new System.Text.StringBuilder(text.Length);
        foreach (var c in ToolName.Of(text).Plain)
        {
            if (c != '*' || folded.Length == 0 || folded[^1] != '*')
            {
                folded.Append(Folded(c));
            }
        }

        return folded.ToString();
    }

    /// <summary>For permissions.</summary>
    public bool MatchesPlain(ToolName name) => Matches(_pattern.Plain, name.Plain);

    /// <summary>For denials, questions and limits: a look-alike matches too.</summary>
    public bool MatchesSkeleton(ToolName name) => Matches(_pattern.Skeleton, name.Skeleton) || Matches(_pattern.Plain, name.Plain);

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || Folded(pattern[p]) == Folded(name[n])))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }

    private static char Folded(char c) => c is '-' or '.' ? '_' : c;
}
