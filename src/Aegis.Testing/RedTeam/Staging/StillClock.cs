namespace Aegis.Testing.RedTeaming;

/// <summary>A clock that stands: no window passes while an attack runs, however slow the machine is. Its timers are the system's.</summary>
internal sealed class StillClock : TimeProvider
{
    private static readonly DateTimeOffset Moment = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Moment;

    public override long GetTimestamp() => 0;
}
