using System.Security.Cryptography;

namespace Aegis;

/// <summary>Identity of a run. Two processes on one session, or one that was started again, never mean the same run.</summary>
/// <param name="Value">Counts up within the process; 0 is no run.</param>
/// <param name="Process">Random per process.</param>
internal readonly record struct RunId(long Value, ulong Process = 0)
{
    private static readonly ulong ThisProcess = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private static long s_last;

    public bool IsNone => Value == 0;

    public static RunId Next() => new(Interlocked.Increment(ref s_last), ThisProcess);
}
