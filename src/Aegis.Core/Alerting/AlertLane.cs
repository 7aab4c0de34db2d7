using System.Threading.Channels;
using Aegis.Guarding;
using Microsoft.Extensions.Logging;

namespace Aegis.Alerting;

/// <summary>The queue of one rule: bounded, and worked off by one task in the order in which its alerts began. What is lost of it is counted and said. Thread-safe.</summary>
internal sealed class AlertLane
{
    /// <summary>Alerts that wait, at most.</summary>
    public const int Capacity = AlertQueue.Capacity;

    /// <summary>How long one of them may take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly AlertQueue _queue = new();
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _saying = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _undelivered;
    private volatile string? _failing;
    private long? _lost;
    private long? _said;

    public AlertLane(TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        using (ExecutionContext.SuppressFlow())   // it outlives the request that began it
        {
            Abandoned.Observe(Task.Run(WorkAsync));
        }
    }

    /// <summary>Alerts that found it full.</summary>
    public long Dropped => _queue.Dropped;

    /// <summary>Alerts that were tried and not delivered.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Alerts that wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Why the last one was not delivered, or that some were lost within the last minute; null: all is well.</summary>
    public string? Failing
    {
        get
        {
            lock (_saying)
            {
                return _failing ?? (_lost is { } last && _time.GetElapsedTime(last) < Pause ? "more alerts than it can take" : null);
            }
        }
    }

    /// <summary>Adds one, or counts that there was no room.</summary>
    public void Add(AlertWork work)
    {
        if (!_queue.TryAdd(work) && MayBeSaid())
        {
            AlertLog.Full(_logger, work.Alert.Rule, Dropped);
        }

        _wakes.Writer.TryWrite(true);
    }

    /// <summary>Nothing comes any more.</summary>
    public void End()
    {
        _queue.End();
        _wakes.Writer.TryComplete();
    }

    private bool MayBeSaid()
    {
        lock (_saying)
        {
            var now = _time.GetTimestamp();
            _lost = now;
            if (_said is { } last && _time.GetElapsedTime(last, now) < Pause)
            {
                return false;
            }

            _said = now;
            return true;
        }
    }

    private async Task WorkAsync()
    {
        var goesOn = true;
        while (goesOn)
        {
            goesOn = await _wakes.Reader.WaitToReadAsync().ConfigureAwait(false);
            _wakes.Reader.TryRead(out _);
            while (_queue.TryTake() is { } work)
            {
                await DoAsync(work).ConfigureAwait(false);
            }
        }
    }

    private async Task DoAsync(AlertWork work)
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
