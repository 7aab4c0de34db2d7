using System.Diagnostics;
using System.Text;
using Aegis.Answers;
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

    private static readonly InstructionText Instructions = new(
        """
        You are the assistant of a shop for garden tools. Answer in the language of the customer, in whole sentences, and be brief. Orders can be changed until
        they leave the warehouse; after that, explain how to send something back within thirty days. Never promise a delivery date that the order does not show.
        If a customer is angry, say that you are sorry, once, and offer to call a colleague. Prices are in euros and include taxes. Do not give legal advice.
        """);

    public static StreamMonitor Monitor(AegisGuard guard)
    {
        var run = new AegisRun(guard, new(FormattableString.Invariant($"stream-{Interlocked.Increment(ref _sessions)}")), parent: null, startedByMessages: false);
        run.Answers.Protect(Instructions);
        return new(guard.Pipeline, run);
    }

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
