using System.Buffers;
using Aegis.Scanning.Rules;
using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning.Sensitive;

/// <summary>
/// A kind of value, as data: what it looks like, what stands around it, and what it must pass. Texts are read as they stand. Immutable but for automata
/// that are made when they are needed.
/// </summary>
internal sealed class SensitiveRule
{
    /// <summary>Characters before a value in which one of its words stands.</summary>
    public const int ContextReach = 48;

    private const int NotContextReach = 32;

    private readonly PatternNode _value;
    private readonly PatternNode? _before;
    private readonly Lazy<ExactAutomaton> _automaton;
    private readonly Lazy<SearchValues<string>> _context;
    private readonly Lazy<SearchValues<string>> _notContext;

    /// <param name="id">Its id.</param>
    /// <param name="kind">What its values are.</param>
    /// <param name="type">The type that stands in a placeholder.</param>
    /// <param name="pattern">What a value looks like.</param>
    /// <param name="before">What must stand directly before it; null: anything.</param>
    /// <param name="ignoresCase">Whether letters of either case match.</param>
    /// <exception cref="PatternException">A pattern is not of the language.</exception>
    public SensitiveRule(string id, SensitiveKind kind, string type, string pattern, string? before, bool ignoresCase)
        : this(id, kind, type, Read(pattern, ignoresCase).Root)
    {
        if (before is not null)
        {
            (_before, Reach) = Read(before, ignoresCase);
        }
    }

    /// <param name="id">Its id.</param>
    /// <param name="kind">What its values are.</param>
    /// <param name="type">The type that stands in a placeholder.</param>
    /// <param name="value">What a value looks like.</param>
    public SensitiveRule(string id, SensitiveKind kind, string type, PatternNode value)
    {
        (Id, Kind, Type) = (id, kind, type.Replace('_', '-'));
        Placeholder = $"[REDACTED-{Type}]";
        (_value, Span) = (value, SpanOf(value));
        _automaton = new(() => AutomatonBuilder.BuildExact(_value));
        _context = new(() => SearchValues.Create([.. Context], StringComparison.OrdinalIgnoreCase));
        _notContext = new(() => SearchValues.Create([.. NotContext], StringComparison.OrdinalIgnoreCase));
    }

    public string Id { get; }

    public SensitiveKind Kind { get; }

    /// <summary>The type that placeholders name.</summary>
    public string Type { get; }

    /// <summary>What stands in an answer in place of the value.</summary>
    public string Placeholder { get; }

    /// <summary>Characters of the longest value.</summary>
    public int Span { get; }

    /// <summary>Characters of the longest text that must stand before it; 0: none.</summary>
    public int Reach { get; }

    /// <summary>What is looked for first: what stands before the value, or it.</summary>
    public PatternNode First => _before ?? _value;

    /// <summary>What stands before a value, and it.</summary>
    public PatternNode Whole => _before is null ? _value : new PatternNode.Sequence([_before, _value]);

    public ExactAutomaton Value => _automaton.Value;

    public bool HasBefore => _before is not null;

    /// <summary>Whether a value may begin inside a word.</summary>
    public bool IsAnywhere { get; init; }

    /// <summary>Characters that cannot stand directly before a value.</summary>
    public SearchValues<char> NotBefore { get; init; } = SearchValues.Create("");

    /// <summary>Characters that cannot stand directly behind it.</summary>
    public SearchValues<char> NotBehind { get; init; } = SearchValues.Create("");

    /// <summary>Characters with which a value that is too long to be held back goes on.</summary>
    public SearchValues<char> Extends { get; init; } = SearchValues.Create("");

    /// <summary>Whether a value goes on to a mark that may be far away.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Words of which one stands before a value, for secrets also as parts of others (<c>paypalSecret</c>); none: it needs none.</summary>
    public IReadOnlyList<string> Context { get; init; } = [];

    /// <summary>Words of which none stands before it.</summary>
    public IReadOnlyList<string> NotContext { get; init; } = [];

    public ValueCheck? Check { get; init; }

    /// <summary>Whether a value passes: its surroundings and its check.</summary>
    public bool Accepts(ReadOnlySpan<char> text, int start, int end) => Check?.Invoke(text[start..end]) != false && HasContext(text, start);

    private bool HasContext(ReadOnlySpan<char> text, int start) =>
        (NotContext.Count == 0 || !text[Math.Max(0, start - NotContextReach)..start].ContainsAny(_notContext.Value))
        && (Context.Count == 0 || (text[Math.Max(0, start - ContextReach)..start].ContainsAny(_context.Value) && (Kind != SensitiveKind.Personal || HasWord(text, start))));

    /// <summary>Whether a word of the context stands there whole.</summary>
    private bool HasWord(ReadOnlySpan<char> text, int start)
    {
        foreach (var word in Context)
        {
            for (var at = Math.Max(0, start - ContextReach); text[at..start].IndexOf(word, StringComparison.OrdinalIgnoreCase) is >= 0 and var index; at += index + 1)
            {
                var (first, end) = (at + index, at + index + word.Length);
                if ((first == 0 || !IsOfWord(text[first - 1]) || !IsOfWord(word[0])) && (end >= start || !IsOfWord(text[end]) || !IsOfWord(word[^1])))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Chinese, Japanese and Korean words have no edges.</summary>
    private static bool IsOfWord(char c) => c < '\u2E80' && char.IsLetter(c);

    private static int SpanOf(PatternNode node) => (int)Math.Min(LengthOf(node), int.MaxValue / 2);

    private static long LengthOf(PatternNode node) => node switch
    {
        PatternNode.Edge => 0,
        PatternNode.Sequence sequence => sequence.Parts.Sum(LengthOf),
        PatternNode.Choice choice => choice.Options.Max(LengthOf),
        PatternNode.Repeat repeat => Math.Min(LengthOf(repeat.Part) * repeat.To, int.MaxValue),
        _ => 1,
    };

    private static (PatternNode Root, int Span) Read(string pattern, bool ignoresCase)
    {
        var (root, span, _) = new PatternParser(pattern, isExact: true).Parse();
        return (ignoresCase ? AnyCase.Of(root) : root, span);
    }
}
