using Aegis.Prompting;

namespace Aegis.Policies;

/// <summary>What may enter.</summary>
public sealed record InputPolicy
{
    /// <summary>Characters of one text that a user typed, at most.</summary>
    /// <value>8,000.</value>
    public int MaxLength { get; init; } = 8_000;

    /// <summary>Patterns that block what enters, tool results included, in the language of <c>docs/patterns.md</c>.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> BlockPatterns { get; init; } = [];

    /// <summary>Whether the scanner also reads what a text spells: letters apart or replaced, escapes, Base64, hexadecimal and other encodings, three layers deep and twice the text's length.</summary>
    /// <value><see langword="true"/>.</value>
    public bool EncodingNormalization { get; init; } = true;

    /// <summary>What happens to content that no guard can read.</summary>
    /// <value><see cref="UnknownContent.Block"/>.</value>
    public UnknownContent UnknownContent { get; init; }

    /// <summary>Whether text from outside enters the model only marked: what tools return, text files, messages that neither the host nor the user wrote. The app and its user see it without the marks.</summary>
    /// <value><see langword="false"/>; <c>strict</c> and <c>paranoid</c> require it.</value>
    public bool RequireQuarantine { get; init; }

    /// <summary>How it is marked then.</summary>
    /// <value><see cref="MarkingStrategy.Datamarking"/>.</value>
    public MarkingStrategy Marking { get; init; }

    /// <summary>Which media may enter, where an extractor reads them.</summary>
    public MediaPolicy Media { get; init; } = new();
}
