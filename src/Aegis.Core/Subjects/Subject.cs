namespace Aegis;

/// <summary>Something that is about to cross a trust boundary. The set is closed: every subject is one of the sealed records of this namespace.</summary>
public abstract record Subject
{
    private protected Subject()
    {
    }

    /// <summary>Where this subject is inspected.</summary>
    public abstract Checkpoint Checkpoint { get; }
}
