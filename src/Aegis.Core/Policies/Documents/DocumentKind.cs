namespace Aegis.Policies.Documents;

/// <summary>What a part of a document is.</summary>
internal enum DocumentKind
{
    /// <summary>Nothing, said expressly.</summary>
    Null,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A list.</summary>
    List,

    /// <summary>Named members.</summary>
    Map,

    /// <summary>A scalar of configuration, which knows texts only: it is what its place wants it to be.</summary>
    Any,
}
