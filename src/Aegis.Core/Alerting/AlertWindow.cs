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

    /// <summary>Whether nothing is left in the window.</summary>
    public abstract bool IsEmpty(long now);

    /// <summary>The same in fewer parts, with less room: never too small, and a part of the window too long at most.</summary>
    /// <param name="parts">How many parts.</param>
    public abstract AlertWindow Coarser(int parts);

    /// <summary>When to look whether it still is too much: what is in the window has changed then, if nothing comes.</summary>
    public abstract long NextLook(long now);
}
