namespace Aegis;

/// <summary>What waits for its turn in a session.</summary>
internal abstract class SessionChange
{
    /// <summary>Whether its caller has given up before it began.</summary>
    public abstract bool IsCancelled { get; }

    /// <summary>The state after it. May be called several times; the last one counts.</summary>
    public abstract SessionState Apply(SessionState state);

    /// <summary>The last application has been kept.</summary>
    public abstract void Keep();

    public abstract void Fail(Exception why);
}
