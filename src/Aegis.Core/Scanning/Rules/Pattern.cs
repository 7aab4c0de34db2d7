using System.Buffers;
using System.Text.RegularExpressions;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// A pattern of the one regular language of rules, packs and policies (<c>docs/patterns.md</c>), matched on <see cref="CanonicalText"/>
/// in linear time. What it can match has bounded length, so streams know how long to wait for it.
/// </summary>
internal sealed class Pattern
{
    public const int MaxSpan = 512;

    private const int SurelySmall = 1_000;   // the engine refuses automata of more than 10,000 states; its count and ours differ a little

    private const int MinLoose = 12;            // letters, others than ASCII twice: what is shorter comes about by chance once nothing separates words
    private const int MinOdd = 6;               // where a third of them is not plainly written
    private const int LooseTries = 8;

    private readonly Lazy<Regex> _regex;
    private readonly Lazy<(Regex? Regex, bool IsLong, SearchValues<char>? Signs)> _loose;
    private readonly long _size;

    private Pattern(string source, PatternNode root, int span, long size)
    {
        Source = source;
        Span = span;
        _size = size;
        _regex = new(() => Automaton(PatternWriter.Write(root)));
        _loose = new(() => Loose(root));
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
        var (root, span, size) = new PatternParser(source).Parse();
        return new(source, root, span, size);
    }

    /// <summary>The first match at or behind a position, or null.</summary>
    public (int Start, int Length)? Find(ReadOnlySpan<char> canonical, int from = 0) => First(_regex.Value, canonical, from);

    /// <summary>The first match of enough letters in a part of a text's letters, or null.</summary>
    public (int Start, int Length)? FindLoose(LooseText text, int from, int to)
    {
        var (regex, isLong, signs) = _loose.Value;
        for (var i = 0; i < LooseTries && regex is not null && First(regex, text.Text[..to], from) is var (start, length); i++)
        {
            var letters = length + Others(text.Text.Slice(start, length));
            if (((isLong && letters >= MinLoose) || (letters >= MinOdd && text.IsMostlyOdd(start, length))) && (signs is null || text.Around(start, length).ContainsAny(signs)))
            {
                return (start, length);
            }

            from = start + 1;
        }

        return null;
    }

    private static int Others(ReadOnlySpan<char> letters)
    {
        var count = 0;
        foreach (var c in letters)
        {
            count += c >= 0x80 ? 1 : 0;
        }

        return count;
    }

    private static (int Start, int Length)? First(Regex regex, ReadOnlySpan<char> text, int from)
    {
        foreach (var match in regex.EnumerateMatches(text, from))
        {
            return (match.Index, match.Length);
        }

        return null;
    }

    /// <summary>Without blanks some patterns are too large for the engine; these are only read as they stand.</summary>
    private static (Regex? Regex, bool IsLong, SearchValues<char>? Signs) Loose(PatternNode root)
    {
        try
        {
            var (regex, letters, signs) = LoosePatternWriter.Write(root);
            return (regex is null ? null : Automaton(regex), letters >= MinLoose, signs.Length == 0 ? null : SearchValues.Create(signs));
        }
        catch (NotSupportedException)
        {
            return default;
        }
    }

    /// <remarks>
    /// The engine skips the leftmost match of some patterns that begin with an optional character ('a?b' in 'a bb'), unless an alternative
    /// stands beside them. This one never matches.
    /// </remarks>
    private static Regex Automaton(string regex) => new($@"(?:{regex})|\b\B\uFFFF", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
