namespace Aegis;

/// <summary>A session store whose instances share a clock with it. Then the guard counts windows, locks and runs by that clock, so that an instance whose own clock is wrong grants nothing sooner than the others.</summary>
public interface ISharedClock
{
    /// <summary>The time, which never goes back by itself. Cheap: it is read several times per inspection.</summary>
    DateTimeOffset Now { get; }
}
