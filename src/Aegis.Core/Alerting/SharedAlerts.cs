using System.Threading.Channels;
using Aegis.Guarding;

namespace Aegis.Alerting;

/// <summary>
/// Takes what was counted here to the windows that all instances share, in the background: what came together for one rule and key is one question, and all questions that
/// came together are asked at once. Whoever cannot be asked, or has too much to answer already, is not waited for: then the own windows decide, and what an answer that
/// comes later claims is told then. Thread-safe.
/// </summary>
internal sealed class SharedAlerts : IDisposable
{
    /// <summary>What waits, and what is asked and not answered, at most.</summary>
    public const int Capacity = 4_096;

    /// <summary>What is taken together, at most.</summary>
    public const int Batch = 256;

    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly IAlertWindows _windows;
    private readonly Action<AlertCounter, IReadOnlyList<AlertChange>> _begin;
    private readonly Action<AlertCounter, AlertAccount, AlertChange?, long?> _looked;
    private readonly TimeProvider _time;
    private long _local;
    private long _waiting;
    private long _late;
    private volatile bool _isAway;

    /// <param name="windows">The windows.</param>
    /// <param name="time">The clock.</param>
    /// <param name="begin">Tells of alerts.</param>
    /// <param name="looked">Tells that one is over, or when to look again.</param>
    public SharedAlerts(IAlertWindows windows, TimeProvider time, Action<AlertCounter, IReadOnlyList<AlertChange>> begin, Action<AlertCounter, AlertAccount, AlertChange?, long?> looked)
    {
        (_windows, _time, _begin, _looked) = (windows, time, begin, looked);
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(WorkAsync);
        }
    }

    /// <summary>What the own windows had to decide.</summary>
    public long Local => Interlocked.Read(ref _local);

    /// <summary>Whether the windows did not answer in time when they were asked last: then the own windows decide at once.</summary>
    public bool IsAway => _isAway;

    /// <summary>Whether nothing waits and nobody is asked.</summary>
    public bool IsIdle => Interlocked.Read(ref _waiting) == 0 && Interlocked.Read(ref _late) == 0;

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
        var items = new List<Item>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var taken = 0;
            for (; taken < Batch && _queue.Reader.TryRead(out var item); taken++)
            {
                if (item.Looks is not null)
                {
                    items.Add(item);
                    continue;
                }

                var (amount, rest) = sums.GetValueOrDefault((item.Counter, item.Key));
                sums[(item.Counter, item.Key)] = (amount + item.Amount, rest + item.Rest);
            }

            items.InsertRange(0, sums.Select(static sum => new Item(sum.Key.Item1, sum.Key.Item2, sum.Value.Amount, sum.Value.Others, null)));
            try
            {
                await AskAsync(items).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                // The engine has ended meanwhile.
            }

            sums.Clear();
            items.Clear();
            Interlocked.Add(ref _waiting, -taken);
        }
    }

    /// <summary>Asks all of it at once, and waits once.</summary>
    private async Task AskAsync(List<Item> items)
    {
        var room = Capacity - Interlocked.Read(ref _late);
        List<Question> asked = [.. items.Select((item, index) => Ask(item, hasRoom: index < room)).OfType<Question>()];
        await Task.WhenAll(asked.Select(static question => (Task)question.Answer)).WaitAsync(_windows.Patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var question in asked)
        {
            if (question.Answer.IsCompleted)
            {
                await HearAsync(question, isLate: false).ConfigureAwait(false);
                continue;
            }

            Alone(question);
            Interlocked.Increment(ref _late);
            Abandoned.Observe(HearLaterAsync(question));
        }
    }

    private Question? Ask(Item item, bool hasRoom)
    {
        var alert = item.Looks is { } looked ? item.Counter.SharedOf(looked) : item.Counter.OpenOf(item.Key) ?? DecisionId.Next().ToString();
        if (alert is null)
        {
            var (over, next) = item.Counter.Look(item.Looks!);   // it is over, or nobody else knows it
            _looked(item.Counter, item.Looks!, over, next);
            return null;
        }

        Task<SharedCount> answer;
        try
        {
            answer = !hasRoom ? Task.FromException<SharedCount>(new TimeoutException())
                : item.Looks is null ? _windows.CountAsync(item.Counter.Rule, item.Key, item.Amount, item.Rest, alert).AsTask()
                : _windows.LookAsync(item.Counter.Rule, item.Key, alert).AsTask();
        }
        catch (Exception e)
        {
            answer = Task.FromException<SharedCount>(e);
        }

        Abandoned.Observe(answer);
        return new Question(item, alert, answer);
    }

    private async Task HearLaterAsync(Question question)
    {
        try
        {
            await HearAsync(question, isLate: true).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _late);
        }
    }

    private async Task HearAsync(Question question, bool isLate)
    {
        var ((counter, key, _, _, looks), alert, answered) = question;
        SharedCount answer;
        try
        {
            answer = await answered.ConfigureAwait(false);
        }
        catch (Exception)
        {
            if (!isLate)
            {
                Alone(question);
            }

            return;
        }

        _isAway &= isLate;
        if (looks is not null)
        {
            var (over, next) = counter.Look(looks, alert, answer);
            _looked(counter, looks, over, isLate ? null : next);   // it was said already when to look again
        }
        else if (answer.Claimed)
        {
            _begin(counter, counter.Fire(key, answer.Value, answer.Alert));
        }
        else if (answer.Alert.Length > 0 && counter.Hear(key, answer.Alert) is var (account, due))
        {
            _looked(counter, account, null, due);
        }
    }

    /// <summary>Nobody has answered in time: what is known here decides.</summary>
    private void Alone(Question question)
    {
        Interlocked.Increment(ref _local);
        _isAway = true;
        var ((counter, key, _, _, looks), alert, _) = question;
        if (looks is not null)
        {
            var (over, next) = counter.Look(looks);
            _looked(counter, looks, over, next);
        }
        else if (counter.Decide(key, alert) is { } begins)
        {
            _begin(counter, [begins]);
        }
    }

    private readonly record struct Item(AlertCounter Counter, SessionId Key, long Amount, long Rest, AlertAccount? Looks);

    private readonly record struct Question(Item Item, string Alert, Task<SharedCount> Answer);
}
