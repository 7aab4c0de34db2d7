namespace Aegis.Policies.Documents;

/// <summary>A part of a policy document, whatever it was written in.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">Where it stands.</param>
internal sealed record DocumentNode(DocumentKind Kind, DocumentPosition At)
{
    /// <summary>Whether it takes something away: null, or in configuration, which cannot say null, the word <c>off</c>.</summary>
    public bool IsOff => Kind == DocumentKind.Null || (Kind == DocumentKind.Any && Text == "off");

    /// <summary>The text of a text or a number.</summary>
    public string Text { get; init; } = "";

    /// <summary>The members of a map, in their order.</summary>
    public IReadOnlyList<DocumentMember> Members { get; init; } = [];

    /// <summary>Whether the names of members count without case, as in configuration.</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<DocumentNode> Items { get; init; } = [];
}
