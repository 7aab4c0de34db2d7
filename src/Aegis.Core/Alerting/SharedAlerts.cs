using System.Threading.Channels;

namespace Aegis.Alerting;

/// <summary>
/// Takes what was counted here to the windows that all instances share, in the background: what came together for one rule and key is one question. Whoever cannot
/// be asked, or has too much to answer already, is not waited for: then the own windows decide. Thread-safe.
/// </summary>
internal sealed class SharedAlerts : IDisposable
{
    /// <summary>What waits, at most.</summary>
    public const int Capacity = 4_096;

    /// <summary>What is taken together, at most.</summary>
    public const int Batch = 256;

    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly IAlertWindows _windows;
    private readonly Action<AlertCounter, AlertChange> _begin;
    private readonly Action<AlertCounter, AlertAccount, AlertChange?, long?> _looked;
    private readonly TimeProvider _time;
    private long _local;
    private long _waiting;
    private volatile bool _isAway;

    /// <param name="windows">The windows.</param>
    /// <param name="time">The clock.</param>
    /// <param name="begin">Tells of an alert.</param>
    /// <param name="looked">Tells that one is over, or when to look again.</param>
    public SharedAlerts(IAlertWindows windows, TimeProvider time, Action<AlertCounter, AlertChange> begin, Action<AlertCounter, AlertAccount, AlertChange?, long?> looked)
    {
        (_windows, _time, _begin, _looked) = (windows, time, begin, looked);
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(WorkAsync);
        }
    }

    /// <summary>What the own windows had to decide.</summary>
    public long Local => Interlocked.Read(ref _local);

    /// <summary>Whether the windows did not answer when they were asked last.</summary>
    public bool IsAway => _isAway;

    /// <summary>Whether nothing waits and nobody is asked.</summary>
    public bool IsIdle => Interlocked.Read(ref _waiting) == 0;

    /// <summary>Takes something that was counted here, if there is room.</summary>
    public bool TryCount(AlertCounter counter, SessionId key, long amount, long rest) => TryAdd(new(counter, key, amount, rest, null));

    /// <summary>Takes an alert that may be over, if there is room.</summary>
    public bool TryLook(AlertCounter counter, AlertAccount account) => TryAdd(new(counter, account.Key, 0, 0, account));

    /// <summary>Nothing comes any more.</summary>
    public void Dispose() => _queue.Writer.TryComplete();

    private bool TryAdd(Item item)
    {
        Interlocked.Increment(ref _waiting);
        if (_queue.Writer.TryWrite(item))
        {
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _local);
        return false;
    }

    private async Task WorkAsync()
    {
        var sums = new Dictionary<(AlertCounter, SessionId), (long Amount, long Others)>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var (looks, taken) = (new List<Item>(), 0);
            for (; taken < Batch && _queue.Reader.TryRead(out var item); taken++)
            {
                if (item.Looks is not null)
                {
                    looks.Add(item);
                    continue;
                }

                var (amount, rest) = sums.GetValueOrDefault((item.Counter, item.Key));
                sums[(item.Counter, item.Key)] = (amount + item.Amount, rest + item.Rest);
            }

            foreach (var ((counter, key), (amount, rest)) in sums)
            {
                await CountAsync(counter, key, amount, rest).ConfigureAwait(false);
            }

            sums.Clear();
            foreach (var item in looks)
            {
                await LookAsync(item.Counter, item.Looks!).ConfigureAwait(false);
            }

            Interlocked.Add(ref _waiting, -taken);
        }
    }

    private async ValueTask CountAsync(AlertCounter counter, SessionId key, long amount, long rest)
    {
        AlertChange? change;
        try
        {
            change = await _windows.CountAsync(counter.Rule, key, amount, rest, CancellationToken.None).ConfigureAwait(false) is { Claimed: true } shared ? counter.Fire(key, shared.Value, shared.Alert) : null;
            _isAway = false;
        }
        catch (Exception)
        {
            NotAnswered();
            change = counter.Decide(key);
        }

        if (change is { } begins)
        {
            _begin(counter, begins);
        }
    }

    private async ValueTask LookAsync(AlertCounter counter, AlertAccount account)
    {
        AlertChange? over;
        long? next;
        try
        {
            var shared = await _windows.LookAsync(counter.Rule, account.Key, account.Alert ?? "", CancellationToken.None).ConfigureAwait(false);
            (over, next) = counter.Look(account, (shared.Value, shared.Exceeds, _time.GetTimestamp() + AlertCounter.StampsOf(shared.Next, _time)));
            over = shared.Claimed ? over : null;   // else another instance says so
            _isAway = false;
        }
        catch (Exception)
        {
            NotAnswered();
            (over, next) = counter.Look(account);
        }

        _looked(counter, account, over, next);
    }

    private void NotAnswered()
    {
        Interlocked.Increment(ref _local);
        _isAway = true;
    }

    private readonly record struct Item(AlertCounter Counter, SessionId Key, long Amount, long Rest, AlertAccount? Looks);
}
