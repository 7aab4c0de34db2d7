using System.Text;
using Aegis.Policies;
using Aegis.Streaming;

namespace Aegis.Cli.Streams;

/// <summary>Answers through the pipeline of a policy, each in a session of its own.</summary>
/// <param name="policy">The policy. What it says of money is not asked here.</param>
internal sealed class StreamRun(AegisPolicy policy) : IDisposable
{
    private readonly AegisGuard _guard = AegisGuard.Create(policy with { DenialOfWallet = null });
    private int _sessions;

    /// <summary>That the policy enforces nothing; null: it does.</summary>
    public string? Notice { get; } = policy.Mode switch
    {
        PolicyMode.Monitor => "The policy is in monitor (\"mode\"): nothing is replaced or stopped; what would be is named.",
        PolicyMode.Off => "The policy is off (\"mode\"): nothing is looked for, replaced or stopped.",
        _ => null,
    };

    /// <summary>Streams an answer in pieces.</summary>
    public async Task<StreamResult> ReadAsync(IEnumerable<string> chunks, string? instructions, CancellationToken cancellationToken)
    {
        var found = new List<Finding>();
        var run = new AegisRun(_guard, new(FormattableString.Invariant($"stream-{++_sessions}")), parent: null, startedByMessages: false);
        _guard.Pipeline.RememberHost(instructions ?? "", run);
        var monitor = new StreamMonitor(_guard.Pipeline, run) { Found = found };
        var released = new StringBuilder();
        foreach (var chunk in chunks)
        {
            released.Append(await monitor.PushAsync(chunk, cancellationToken));
        }

        released.Append(await monitor.FlushAsync(cancellationToken));
        if (monitor.Stopped is { } stopped && found.Count == 0)
        {
            found.AddRange(stopped.Verdict.Findings);
        }

        return new(released.ToString(), found.Select(static finding => finding.Decision).DefaultIfEmpty(Decision.Allow).Max(), found);
    }

    /// <summary>Whether something of an answer was replaced or withheld.</summary>
    public bool IsChanged(StreamResult result) => Notice is null && result.Decision > Decision.Flag;

    public void Dispose() => _guard.Dispose();
}
