using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Aegis.Events;

/// <summary>
/// Counts, rule by rule, when somebody who was to answer has not: open failures, where the policy lets go on what was asked about, and the others, which block.
/// An open one is logged at once and then once in a window; those that block are in the log with their inspections. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of open failures.</param>
internal sealed partial class FailureLog(TimeProvider time, ILogger logger) : IEventSink
{
    /// <summary>How long a failure counts as recent, and how often an open one is logged.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Rule, bool IsOpen), Counter> _counters = new();   // rules are those of guards: there are few

    /// <summary>What was counted, by rule.</summary>
    public IReadOnlyList<FailureCount> Counts =>
        [.. _counters.Select(entry => entry.Value.Read(entry.Key.Rule, entry.Key.IsOpen, time)).OrderBy(static count => count.Rule, StringComparer.Ordinal).ThenByDescending(static count => count.IsOpen)];

    public void Write(AegisEvent e)
    {
        if (e.Named is not null)
        {
            return;   // the inspection says it again
        }

        foreach (var finding in e.Verdict.Findings)
        {
            if (finding.IsFailure)
            {
                Count(finding.Rule, isOpen: e.Decision < Decision.Ask && (finding.Decision < Decision.Ask || !IsGranted(e.Verdict)));
            }
        }
    }

    /// <summary>Counts one.</summary>
    public void Count(string rule, bool isOpen)
    {
        var counter = _counters.GetOrAdd((rule, isOpen), static _ => new());
        if (counter.Add(time) is { } unsaid && isOpen)
        {
            try
            {
                WentOn(logger, rule, unsaid.New, unsaid.All);
            }
            catch (Exception)
            {
                // What was counted is counted; whoever asked is not concerned.
            }
        }
    }

    /// <summary>Whether a person has decided instead.</summary>
    private static bool IsGranted(Verdict verdict) => verdict.Findings.Any(static finding => finding.Rule == "approval/granted");

    [LoggerMessage(Level = LogLevel.Error, Message = "Open failure {Rule}: nobody answered, and it went on as the policy says, {New} times since this was said last, {All} in all; this is said once in five minutes")]
    private static partial void WentOn(ILogger logger, string rule, long @new, long all);

    private sealed class Counter
    {
        private readonly Lock _lock = new();
        private long _count;
        private long _said;        // of these
        private long _saidAt;      // a timestamp
        private long _at;
        private DateTimeOffset _last;

        /// <summary>How many there are that nobody has said; null: it is not time to say so.</summary>
        public (long New, long All)? Add(TimeProvider time)
        {
            lock (_lock)
            {
                _at = time.GetTimestamp();
                _last = time.GetUtcNow();
                _count++;
                if (_said > 0 && time.GetElapsedTime(_saidAt, _at) < Window)
                {
                    return null;
                }

                var unsaid = _count - _said;
                (_said, _saidAt) = (_count, _at);
                return (unsaid, _count);
            }
        }

        public FailureCount Read(string rule, bool isOpen, TimeProvider time)
        {
            lock (_lock)
            {
                return new(rule, isOpen, _count, _last, time.GetElapsedTime(_at) < Window);
            }
        }
    }
}
