namespace Aegis.Alerting;

/// <summary>What was counted in the last stretch of time. Not thread-safe; its memory is bounded. Stamps do not go back.</summary>
internal abstract class AlertWindow
{
    /// <summary>How many stamps it has room for, as its share of what all may have.</summary>
    public abstract int Slots { get; }

    /// <summary>Counts.</summary>
    public abstract void Add(long now, long amount, long rest);

    /// <summary>Whether there is too much in the window.</summary>
    public abstract bool Exceeds(long now);

    /// <summary>What is in the window.</summary>
    public abstract decimal Read(long now);

    /// <summary>When to look whether it still is too much: what is in the window has changed then, if nothing comes.</summary>
    public abstract long NextLook(long now);
}
