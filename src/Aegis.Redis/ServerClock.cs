namespace Aegis;

/// <summary>
/// The time of Redis, which all instances share: the own monotonic one, moved by how far Redis was ahead. What is heard later moves it back and never
/// forth: a window may last longer then, and never shorter. Thread-safe.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    private const long Unheard = long.MaxValue;

    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startTimestamp = time.GetTimestamp();
    private long _ahead = Unheard;   // ticks
    private long _last = Unheard;   // the same, as it was heard last

    public DateTimeOffset Now => Own.AddTicks(Volatile.Read(ref _ahead) is var ahead && ahead == Unheard ? 0 : ahead);

    /// <summary>The time as Redis has said it last: later than <see cref="Now"/> where the own clock stood still for a while. What is counted is counted there.</summary>
    public DateTimeOffset Latest => Own.AddTicks(Volatile.Read(ref _last) is var last && last == Unheard ? 0 : last);

    private DateTimeOffset Own => _start + time.GetElapsedTime(_startTimestamp);

    /// <summary>Redis has said what time it is.</summary>
    /// <param name="seconds">Since 1970.</param>
    /// <param name="microseconds">Of the second.</param>
    public void Heard(long seconds, long microseconds)
    {
        var ahead = (DateTimeOffset.FromUnixTimeSeconds(seconds).AddMicroseconds(microseconds) - Own).Ticks;
        Volatile.Write(ref _last, ahead);
        for (var known = Volatile.Read(ref _ahead); ahead < known;)
        {
            var before = Interlocked.CompareExchange(ref _ahead, ahead, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }
}
