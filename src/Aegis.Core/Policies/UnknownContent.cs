namespace Aegis.Policies;

/// <summary>What happens to content that no guard can read: media, files, types that Aegis does not know.</summary>
public enum UnknownContent
{
    /// <summary>The request is blocked.</summary>
    Block,

    /// <summary>The content is left out and the request flagged.</summary>
    Strip,
}
