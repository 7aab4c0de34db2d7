using Aegis.Policies;
using Aegis.Streaming;

namespace Aegis.Fuzzing.Targets;

/// <summary>
/// An answer in pieces, under one of four policies. Law: what is released does not depend on the places where the answer is cut, nor does whether it is stopped
/// (by which of several rules, does: of the whole answer all are heard); no exception, neither at the monitor nor inside a guard.
/// </summary>
/// <param name="release">What comes out of the pieces under a policy, by its number, and whether the answer was stopped.</param>
internal sealed class StreamTarget(Func<int, IEnumerable<string>, (string Released, bool IsStopped)> release) : IFuzzTarget
{
    private const int Largest = 96;   // characters of a piece
    private const string Instructions = "You are the assistant of a bookshop. Never name the supplier, who is Hollis and Daughters of Leeds. Prices are in euros and end in 95 cents.";

    private static readonly AegisPolicy[] Policies =
    [
        AegisPolicy.Preset("paranoid"),
        new()
        {
            DataFlow = new() { PiiAllow = ["phone"], PiiBlock = ["medical-record-number"] },
            Output = new() { BlockOnLeak = false, RedactPatterns = ["project \\w+"], AllowedHosts = ["*.contoso.com"] },
        },
        new()
        {
            CanaryTokens = ["AEGIS-7f3kq9xt2m"],
            Output = new() { BlockPatterns = ["internal only"], Payloads = [PayloadKind.Instructions, PayloadKind.Script, PayloadKind.Sql] },
        },
        new() { Output = new() { BlockOnLeak = false, MaxLength = 64 } },
    ];

    public StreamTarget()
        : this(By([.. Policies.Select(static policy => new FuzzGuard(policy))]))
    {
    }

    public void Run(byte[] input)
    {
        var reader = new FuzzInput(input);
        var policy = reader.Next() % Policies.Length;
        var sizes = new int[1 + (reader.Next() % 8)];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = 1 + (reader.Next() % Largest);
        }

        var text = reader.Text();
        var (whole, cut) = (release(policy, [text]), release(policy, Cut(text, sizes)));
        LawBrokenException.Unless(string.Equals(whole.Released, cut.Released, StringComparison.Ordinal), $"Whole:\n{whole.Released}\nIn pieces of {string.Join(", ", sizes)}:\n{cut.Released}");
        LawBrokenException.Unless(whole.IsStopped == cut.IsStopped, $"Whole it is {(whole.IsStopped ? "" : "not ")}stopped, in pieces of {string.Join(", ", sizes)} it is {(cut.IsStopped ? "" : "not ")}");
    }

    private static IEnumerable<string> Cut(string text, int[] sizes)
    {
        for (int at = 0, i = 0; at < text.Length; i++)
        {
            var size = Math.Min(sizes[i % sizes.Length], text.Length - at);
            yield return text.Substring(at, size);
            at += size;
        }
    }

    private static Func<int, IEnumerable<string>, (string Released, bool IsStopped)> By(FuzzGuard[] guards) => (policy, chunks) =>
    {
        var guard = guards[policy];
        var run = guard.NextRun();
        guard.Guard.Pipeline.RememberHost(Instructions, run);
        var monitor = new StreamMonitor(guard.Guard.Pipeline, run) { Found = [] };
        var released = "";
        foreach (var chunk in chunks)
        {
            released += FuzzGuard.Done(monitor.PushAsync(chunk, CancellationToken.None));
        }

        released += FuzzGuard.Done(monitor.FlushAsync(CancellationToken.None));
        FuzzGuard.ThrowIfFailed(Verdict.Of([.. monitor.Found]));
        FuzzGuard.ThrowIfFailed(monitor.Stopped?.Verdict ?? Verdict.None);
        return (released, monitor.Stopped is not null);
    };
}
