using System.Buffers;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Rules;

/// <summary>
/// A pattern of the one regular language of rules, packs and policies (<c>docs/patterns.md</c>), matched on <see cref="CanonicalText"/>
/// in linear time. What it can match has bounded length, so streams know how long to wait for it.
/// </summary>
internal sealed class Pattern
{
    public const int MaxSpan = 512;

    /// <summary>Letters before or behind a pattern's words among which it is looked for in letters alone: what is spelt in another way is short.</summary>
    public const int MaxLooseSpan = 160;

    private const int MaxSize = 10_000;   // states

    private const int MinLoose = 12;            // letters, others than ASCII twice: what is shorter comes about by chance once nothing separates words
    private const int MinOdd = 6;               // where a third of them is not plainly written
    private const int LooseTries = 8;

    private readonly Lazy<PatternNode> _root;
    private readonly Lazy<Automaton> _automaton;
    private readonly Lazy<Automaton>? _loose;
    private readonly SearchValues<char>? _signs;

    /// <summary>A pattern of which everything is known that matching needs before a text has its words.</summary>
    /// <param name="source">It is of the language.</param>
    /// <param name="span">See <see cref="Span"/>.</param>
    /// <param name="letters">See <see cref="Letters"/>.</param>
    /// <param name="signs">See <see cref="Signs"/>.</param>
    public Pattern(string source, int span, int letters, string signs)
        : this(source, new Lazy<PatternNode>(() => new PatternParser(source).Parse().Root), span, letters, signs)
    {
    }

    private Pattern(string source, Lazy<PatternNode> root, int span, int letters, string signs)
    {
        (Source, Span, Letters, Signs) = (source, span, letters, signs);
        _root = root;
        _automaton = new(() => AutomatonBuilder.Build(Root, span));
        _loose = letters == 0 ? null : new(() => AutomatonBuilder.Build(LoosePattern.Of(Root).Root!, span));
        _signs = signs.Length == 0 ? null : SearchValues.Create(signs);
    }

    public string Source { get; }

    public PatternNode Root => _root.Value;

    /// <summary>How many letters it names at least; 0: it cannot be found in letters alone.</summary>
    public int Letters { get; }

    /// <summary>Signs that it has, of which one must still stand where it matches in letters alone.</summary>
    public string Signs { get; }

    /// <summary>Whether it can be found in letters alone.</summary>
    public bool HasLoose => Letters > 0;

    /// <summary>Whether it names so many letters that it is found in letters alone where few are not plainly written.</summary>
    public bool IsLong => Letters >= MinLoose;

    /// <summary>Canonical characters that a match has at most.</summary>
    public int Span { get; }

    /// <summary>A pattern. Its automaton waits until a text needs it.</summary>
    /// <exception cref="PatternException">It is not of the language, or too large.</exception>
    public static Pattern Parse(string source)
    {
        var (root, span, size) = new PatternParser(source).Parse();
        var (_, letters, signs) = LoosePattern.Of(root);
        return size <= MaxSize ? new(source, new Lazy<PatternNode>(root), span, letters, signs) : throw new PatternException(0, "the pattern is too large. Use shorter repeats or several patterns");
    }

    /// <summary>The leftmost match at or behind a position, the longest of these, or null.</summary>
    public (int Start, int Length)? Find(ReadOnlySpan<char> canonical, int from = 0) => Find(canonical, from, canonical.Length, canonical.Length);

    /// <summary>The same in a part of a text; a match that begins behind <paramref name="idle"/> need not be found.</summary>
    public (int Start, int Length)? Find(ReadOnlySpan<char> canonical, int from, int to, int idle) => _automaton.Value.Find(canonical, from, to, idle);

    /// <summary>The first match of enough letters in a part of a text's letters, or null.</summary>
    public (int Start, int Length)? FindLoose(LooseText text, int from, int to, int idle)
    {
        for (var i = 0; i < LooseTries && _loose?.Value.Find(text.Text, from, to, idle) is var (start, length); i++)
        {
            var letters = length + Others(text.Text.Slice(start, length));
            if (((IsLong && letters >= MinLoose) || (letters >= MinOdd && text.IsMostlyOdd(start, length))) && (_signs is null || text.Around(start, length).ContainsAny(_signs)))
            {
                return (start, length);
            }

            from = IsLong ? start + 1 : text.NextOdd(start + 1);
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
}
