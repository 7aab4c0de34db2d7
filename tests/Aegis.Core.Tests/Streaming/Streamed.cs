using Aegis.Streaming;

namespace Aegis.Core.Tests.Streaming;

/// <summary>Answers in pieces, each in a session of its own: what is found again and again locks one.</summary>
internal static class Streamed
{
    private static int _sessions;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static StreamMonitor Monitor(AegisGuard guard, string instructions = "")
    {
        var run = new AegisRun(guard, new(FormattableString.Invariant($"streamed-{Interlocked.Increment(ref _sessions)}")), parent: null, startedByMessages: false);
        guard.Pipeline.RememberHost(instructions, run);
        return new(guard.Pipeline, run);
    }

    /// <summary>All that comes out.</summary>
    public static async Task<string> RunAsync(AegisGuard guard, IEnumerable<string> chunks, string instructions = "")
    {
        var monitor = Monitor(guard, instructions);
        var released = "";
        foreach (var chunk in chunks)
        {
            released += await monitor.PushAsync(chunk, Cancel);
        }

        return released + await monitor.FlushAsync(Cancel);
    }

    /// <summary>A text in pieces of some sizes, again and again.</summary>
    public static IEnumerable<string> Cut(string text, int[] sizes)
    {
        for (int at = 0, i = 0; at < text.Length; i++)
        {
            var size = Math.Min(sizes[i % sizes.Length], text.Length - at);
            yield return text.Substring(at, size);
            at += size;
        }
    }
}
