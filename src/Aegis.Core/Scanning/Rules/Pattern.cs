using System.Text.RegularExpressions;

namespace Aegis.Scanning.Rules;

/// <summary>
/// A pattern of the one regular language of rules, packs and policies (<c>docs/patterns.md</c>), matched on <see cref="Normalizing.CanonicalText"/>
/// in linear time. What it can match has bounded length, so streams know how long to wait for it.
/// </summary>
internal sealed class Pattern
{
    public const int MaxSpan = 512;

    private const int SurelySmall = 1_000;   // the engine refuses automata of more than 10,000 states; its count and ours differ a little

    private readonly Lazy<Regex> _regex;
    private readonly long _size;

    private Pattern(string source, string regex, int span, long size)
    {
        Source = source;
        Span = span;
        _size = size;

        // The engine skips the leftmost match of some patterns that begin with an optional character ('a?b' in 'a bb'), unless an
        // alternative stands beside them. This one never matches.
        _regex = new(() => new Regex($@"(?:{regex})|\b\B\uFFFF", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    public string Source { get; }

    /// <summary>Canonical characters that a match has at most.</summary>
    public int Span { get; }

    /// <summary>A pattern. Its automaton waits until a text needs it, if the pattern is surely small enough: building one takes ten times as long as reading the pattern.</summary>
    /// <exception cref="PatternException">It is not of the language.</exception>
    public static Pattern Parse(string source)
    {
        var pattern = ParseProven(source);
        try
        {
            _ = pattern._size > SurelySmall ? pattern._regex.Value : null;
            return pattern;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new PatternException(0, "the pattern is too large. Use shorter repeats or several patterns");
        }
    }

    /// <summary>A pattern that is known to be small enough.</summary>
    /// <exception cref="PatternException">It is not of the language.</exception>
    public static Pattern ParseProven(string source)
    {
        var (regex, span, size) = new PatternParser(source).Parse();
        return new(source, regex, span, size);
    }

    /// <summary>The first match at or behind a position, or null.</summary>
    public (int Start, int Length)? Find(ReadOnlySpan<char> canonical, int from = 0)
    {
        foreach (var match in _regex.Value.EnumerateMatches(canonical, from))
        {
            return (match.Index, match.Length);
        }

        return null;
    }
}
