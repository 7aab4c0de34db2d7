namespace Aegis.Sandboxing;

/// <summary>A value of a schema, with everything that bounds it.</summary>
internal sealed record ExtractionNode(ExtractionKind Kind)
{
    private const long Most = 1_000_000_000;   // what is more is not told apart, so that no product overflows
    private const long Number = 32;
    private const long Escaped = 6;   // \u0041

    /// <summary>What the schema's author says of it; null: nothing.</summary>
    public string? Description { get; init; }

    public IReadOnlyList<ExtractionMember> Members { get; init; } = [];

    /// <summary>What each item of an array is.</summary>
    public ExtractionNode? Item { get; init; }

    public int MaxItems { get; init; }

    public int MinLength { get; init; } = 1;

    public int MaxLength { get; init; }

    /// <summary>The words of a choice.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    /// <summary>Texts that there can be in it.</summary>
    public long Texts => Kind switch
    {
        ExtractionKind.Text => 1,
        ExtractionKind.Object => Members.Sum(static member => member.Node.Texts),
        ExtractionKind.Array => Math.Min(Most, MaxItems * Item!.Texts),
        _ => 0,
    };

    /// <summary>Values that there can be in it, itself included.</summary>
    public long Values => Kind switch
    {
        ExtractionKind.Object => 1 + Members.Sum(static member => member.Node.Values),
        ExtractionKind.Array => Math.Min(Most, 1 + (MaxItems * Item!.Values)),
        _ => 1,
    };

    /// <summary>Characters of JSON that it takes, at most.</summary>
    public long Characters => Kind switch
    {
        ExtractionKind.Object => 2 + Members.Sum(static member => (Escaped * member.Name.Length) + 4 + member.Node.Characters),
        ExtractionKind.Array => Math.Min(Most, 2 + (MaxItems * (Item!.Characters + 1))),
        ExtractionKind.Text => 2 + (Escaped * MaxLength),
        ExtractionKind.Choice => 2 + (Escaped * Words.Max(static word => word.Length)),
        _ => Number,
    };
}
