namespace Aegis.Policies;

/// <summary>A field of the data that takes a result's place; the words are those of JSON Schema.</summary>
public sealed record FieldPolicy
{
    /// <summary>What it is.</summary>
    /// <value><see cref="FieldType.String"/>.</value>
    public FieldType Type { get; init; }

    /// <summary>The words that it may be: a text that need not stand in the document.</summary>
    /// <value><see langword="null"/>: whatever stands in the document.</value>
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>UTF-16 units of a text, 1 to 100,000.</summary>
    /// <value><see langword="null"/>: 200.</value>
    public int? MaxLength { get; init; }

    /// <summary>A number, at least.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public decimal? Minimum { get; init; }

    /// <summary>A number, at most.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public decimal? Maximum { get; init; }

    /// <summary>It is a list of such values, of this length at most, 1 to 1,000.</summary>
    /// <value><see langword="null"/>: it is one value.</value>
    public int? MaxItems { get; init; }

    /// <summary>Whether there is no data without it.</summary>
    /// <value><see langword="false"/>: what the document does not say is left out.</value>
    public bool Required { get; init; }

    /// <summary>What the model that takes it out is told of it, at most 1,000 characters.</summary>
    /// <value><see langword="null"/>: its name alone.</value>
    public string? Description { get; init; }
}
