namespace Aegis.Policies;

/// <summary>What happens to a history that comes back and is not what was said. The least strict stands last.</summary>
public enum IntegrityFailure
{
    /// <summary>The request is blocked.</summary>
    Block,

    /// <summary>What nobody vouches for is left out, calls together with their results, and the request flagged. One that is only shorter than it was goes on.</summary>
    Drop,

    /// <summary>What nobody vouches for goes on, read as what a tool of nobody knows where has returned, and the request is flagged.</summary>
    Untrusted,
}
