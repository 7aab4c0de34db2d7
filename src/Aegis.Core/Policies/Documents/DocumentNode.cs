namespace Aegis.Policies.Documents;

/// <summary>A part of a policy document, whatever it was written in.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">Where it stands.</param>
internal sealed record DocumentNode(DocumentKind Kind, DocumentPosition At)
{
    /// <summary>The text of a text or a number.</summary>
    public string Text { get; init; } = "";

    /// <summary>The members of a map, in their order.</summary>
    public IReadOnlyList<DocumentMember> Members { get; init; } = [];

    /// <summary>Whether the names of members count without case, as in configuration.</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<DocumentNode> Items { get; init; } = [];
}
