namespace Aegis.Policies.Documents;

/// <summary>Where something stands.</summary>
/// <param name="Source">The file, or the configuration provider with its key.</param>
/// <param name="Line">From 1; 0 where there are no lines.</param>
/// <param name="Column">From 1, in characters; 0 where there are no lines.</param>
internal readonly record struct DocumentPosition(string Source, int Line, int Column)
{
    /// <summary>Whether it is a file: a document, or one that a configuration reads.</summary>
    public bool IsInFile { get; init; } = Line > 0;

    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? Source : FormattableString.Invariant($"{Source}:{Line}:{Column}");
}
