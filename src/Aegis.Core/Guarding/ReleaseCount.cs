namespace Aegis.Guarding;

/// <summary>When values were let out of quarantine in a session: the last times, in a ring. Thread-safe.</summary>
internal sealed class ReleaseCount
{
    public const string Words = "more than 10 values left quarantine within an hour";

    private const int Most = 10;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _adding = new();
    private readonly long[] _times = new long[Most];
    private int _next;

    /// <summary>Counts one more; whether that is too many.</summary>
    public bool IsExcessive(DateTimeOffset now)
    {
        lock (_adding)
        {
            var tenBefore = _times[_next];
            _times[_next] = now.UtcTicks;
            _next = (_next + 1) % Most;
            return tenBefore > 0 && now.UtcTicks - tenBefore < Window.Ticks;
        }
    }
}
