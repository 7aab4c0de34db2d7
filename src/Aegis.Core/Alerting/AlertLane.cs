using System.Threading.Channels;
using Aegis.Guarding;
using Microsoft.Extensions.Logging;

namespace Aegis.Alerting;

/// <summary>The queue of one rule: bounded, and worked off by one task in the order of its alerts. What finds it full is counted and not done. Thread-safe.</summary>
internal sealed class AlertLane
{
    /// <summary>Alerts that wait, at most.</summary>
    public const int Capacity = 64;

    /// <summary>How long one of them may take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Channel<AlertWork> _queue = Channel.CreateBounded<AlertWork>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _dropped;
    private long _undelivered;
    private volatile string? _failing;

    public AlertLane(TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        using (ExecutionContext.SuppressFlow())   // it outlives the request that began it
        {
            Abandoned.Observe(Task.Run(WorkAsync));
        }
    }

    /// <summary>Alerts that found it full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Alerts that were tried and not delivered.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Alerts that wait.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Why the last one was not delivered; null: it was.</summary>
    public string? Failing => _failing;

    /// <summary>Adds one, or counts that there was no room.</summary>
    public void Add(AlertWork work)
    {
        if (!_queue.Writer.TryWrite(work) && Interlocked.Increment(ref _dropped) == 1)
        {
            AlertLog.Full(_logger, work.Alert.Rule);
        }
    }

    /// <summary>Nothing comes any more.</summary>
    public void End() => _queue.Writer.TryComplete();

    private async Task WorkAsync()
    {
        await foreach (var work in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            using var deadline = new CancellationTokenSource(Longest, _time);
            try
            {
                var doing = Task.Run(() => work.Do(deadline.Token).AsTask());   // what blocks its thread is left behind too
                Abandoned.Observe(doing);
                await doing.WaitAsync(deadline.Token).ConfigureAwait(false);
                _failing = null;
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref _undelivered);
                _failing = e.GetType().Name;
                AlertLog.Undone(_logger, work.Alert, work.Action, e);
            }
        }
    }
}
