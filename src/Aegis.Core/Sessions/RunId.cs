namespace Aegis;

/// <summary>Identity of a run within the process.</summary>
/// <param name="Value">Counts up; 0 is no run.</param>
internal readonly record struct RunId(long Value)
{
    private static long s_last;

    public bool IsNone => Value == 0;

    public static RunId Next() => new(Interlocked.Increment(ref s_last));
}
