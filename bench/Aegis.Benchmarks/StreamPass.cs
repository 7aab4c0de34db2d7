using System.Diagnostics;
using System.Text;
using Aegis.Streaming;

namespace Aegis.Benchmarks;

/// <summary>One way of answers through a monitor, or through nothing: what it took, what came out, and how far it got.</summary>
/// <param name="Time">From the first piece to the end.</param>
/// <param name="Bytes">Allocated meanwhile.</param>
/// <param name="Read">Characters until the end, or until an answer was stopped.</param>
/// <param name="Released">Characters that came out.</param>
internal readonly record struct StreamPass(TimeSpan Time, long Bytes, long Read, long Released)
{
    private static int _sessions;   // one an answer: what is found again and again locks a session

    public static StreamMonitor Monitor(AegisGuard guard) =>
        new(guard.Pipeline, new(guard, new(FormattableString.Invariant($"stream-{Interlocked.Increment(ref _sessions)}")), parent: null, startedByMessages: false));

    public static async Task<StreamPass> MonitoredAsync(AegisGuard guard, string[][] answers)
    {
        var monitors = Array.ConvertAll(answers, _ => Monitor(guard));
        var (read, released) = (0L, 0L);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var began = Stopwatch.GetTimestamp();
        foreach (var (i, pieces) in answers.Index())
        {
            for (var j = 0; j < pieces.Length && monitors[i].Stopped is null; j++)
            {
                read += pieces[j].Length;
                released += (await monitors[i].PushAsync(pieces[j], CancellationToken.None)).Length;
            }

            released += (await monitors[i].FlushAsync(CancellationToken.None)).Length;
        }

        return new(Stopwatch.GetElapsedTime(began), GC.GetTotalAllocatedBytes(precise: true) - allocated, read, released);
    }

    /// <summary>Keeps each piece and gives it out, as the least that reads a stream.</summary>
    public static async Task<StreamPass> EmptyAsync(string[][] answers)
    {
        var length = 0L;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var began = Stopwatch.GetTimestamp();
        foreach (var pieces in answers)
        {
            var kept = new StringBuilder();
            foreach (var piece in pieces)
            {
                length += (await PassAsync(kept, piece)).Length;
            }
        }

        return new(Stopwatch.GetElapsedTime(began), GC.GetTotalAllocatedBytes(precise: true) - allocated, length, length);
    }

    private static ValueTask<string> PassAsync(StringBuilder kept, string piece)
    {
        kept.Append(piece);
        return new(piece);
    }
}
