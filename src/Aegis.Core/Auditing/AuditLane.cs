using System.Threading.Channels;
using Aegis.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Auditing;

/// <summary>The way to one transport: a bounded queue, and one background task that empties it in batches. Whatever the transport does stays here. Thread-safe.</summary>
internal sealed partial class AuditLane : IDisposable
{
    /// <summary>Records of inspections that wait, at most; as many again of other events.</summary>
    public const int Capacity = 10_000;

    /// <summary>Characters of what is kept for replays that wait, at most; with those that cross it at the same moment.</summary>
    public const int ContentCapacity = 16 << 20;

    private const int MaxBatch = 512;
    private const int Tries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);
    private const int ForViolations = Capacity / 4;   // slots that what passes does not take, where nobody waits for it
    private const string CannotKeepUp = "it does not keep up";
    private const string DoesNotAnswer = "it does not answer in time";
    private const string NotOpen = "it is not open yet";
    private const string NotMade = "a record could not be made";
    private static readonly TimeSpan OpensWithin = TimeSpan.FromSeconds(5);

    private readonly Channel<AuditEntry> _queue = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(2 * Capacity) { SingleReader = false, FullMode = BoundedChannelFullMode.Wait });
    private readonly SemaphoreSlim _slots = new(Capacity, Capacity);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _work;
    private readonly string _name;
    private readonly IAuditTransport _transport;
    private readonly AuditFile? _file;
    private readonly AuditRecords _records;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AuditBackPressure _backPressure;
    private readonly AuditLane? _spill;
    private long _content;
    private long _gap;
    private long _spilled;
    private long _spilledInAll;
    private long _written;
    private long _dropped;
    private long _failures;
    private long _loggedAt;
    private int _hasLogged;
    private volatile string? _failing;
    private volatile bool _isEnding;
    private volatile bool _isShut;   // its file is still to be opened
    private long _shutSince;

    /// <param name="name">Name of the transport.</param>
    /// <param name="transport">The transport.</param>
    /// <param name="records">Makes records about the log itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of failures, once a minute.</param>
    /// <param name="backPressure">What happens when it cannot keep up.</param>
    /// <param name="after">What must be over before the first record is written.</param>
    /// <param name="spill">Takes what it cannot; null: nobody does.</param>
    public AuditLane(string name, IAuditTransport transport, AuditRecords records, TimeProvider time, ILogger logger, AuditBackPressure backPressure, Task? after = null, AuditLane? spill = null)
    {
        (_name, _transport, _records, _time, _logger, _backPressure, _spill) = (name, transport, records, time, logger, backPressure, spill);
        _file = transport as AuditFile;
        _work = new(() => AuditWork.Start(() => WorkAsync(after ?? Task.CompletedTask)));
    }

    public string Name => _name;

    /// <summary>Whether it is a place where records stay.</summary>
    public bool Keeps => _transport is not (ConsoleTransport or LoggerTransport or IAuditForwarder);

    public bool IsFile => _file is not null;

    /// <summary>Whether it takes no more records.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>Whether more of what is kept for replays may wait.</summary>
    public bool HasRoomForContent => Interlocked.Read(ref _content) <= ContentCapacity && _spill?.HasRoomForContent != false;

    /// <summary>Whether its file cannot be opened, or has not been in time, and no second file is there instead: whoever waits for a record would wait in vain.</summary>
    public bool IsShut => _isShut && (_failing is not null || IsLate) && (_spill is null || _spill.IsShut);

    public AuditHealth Health
    {
        get
        {
            var second = _spill?.Health;
            return new(
                Interlocked.Read(ref _written) + (second?.Written ?? 0),
                Interlocked.Read(ref _dropped) + (second?.Dropped ?? 0),
                Interlocked.Read(ref _spilledInAll),
                Interlocked.Read(ref _failures) + (second?.Failures ?? 0),
                (_failing ?? Behind ?? (IsLate ? NotOpen : null)) is { } failing ? $"{_name}: {failing}" : second?.Failing)
            { Waiting = _queue.Reader.Count + (second?.Waiting ?? 0) };
        }
    }

    /// <summary>What it could not keep up with and has not said in its records yet; null: nothing.</summary>
    private string? Behind => Interlocked.Read(ref _gap) is > 0 and var lost ? FormattableString.Invariant($"it does not keep up, and {lost} records are lost")
        : Interlocked.Read(ref _spilled) is > 0 and var spilled ? FormattableString.Invariant($"it does not keep up, and {spilled} records went to the second file")
        : null;

    private bool IsLate => _isShut && _time.GetElapsedTime(Interlocked.Read(ref _shutSince)) >= OpensWithin;

    /// <summary>Opens the file in the background, before the first record is taken: what is wrong with it is seen at once. Other transports have nothing to open.</summary>
    public void Open()
    {
        if (_file is not null)
        {
            Interlocked.Exchange(ref _shutSince, _time.GetTimestamp());
            _isShut = true;
            _ = _work.Value;
            _spill?.Open();
        }
    }

    /// <summary>Takes the record of an inspection, once there is room for it; null: there was none in time, and it is lost. Who waits for the record waits for room too.</summary>
    public async ValueTask<AuditEntry?> TakeAsync(AuditRecord record, bool isWaitedFor, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var isKeptFree = !isWaitedFor && record.Decision is < Decision.Ask && record.Verdict is null or < Decision.Ask && _backPressure != AuditBackPressure.DropOldest && _slots.CurrentCount <= ForViolations;   // a flood of what passes does not hide what does not
            if (isKeptFree || (!_slots.Wait(0, CancellationToken.None) && !await FindSlotAsync(isWaitedFor, timeout, cancellationToken)))
            {
                return Overflow(record, isWaitedFor);
            }

            var entry = new AuditEntry(record, isWaitedFor, hasSlot: true);
            if (Insert(entry))
            {
                return entry;
            }

            LeaveSlot(entry);
        }
        catch (ObjectDisposedException)
        {
            return null;   // it has ended meanwhile
        }

        return Overflow(record, isWaitedFor);
    }

    /// <summary>Whoever waited for a record has waited in vain.</summary>
    public void Late()
    {
        _failing ??= DoesNotAnswer;
        Say(DoesNotAnswer);
    }

    /// <summary>A record that was to be taken could not be made: it is lost, and that is said.</summary>
    public void Miss()
    {
        Lose(1, NotMade);
        Offer(new(null, isWaitedFor: false, hasSlot: false));   // where nothing waits, the gap is written now
    }

    /// <summary>Takes the record of something that does not wait; false: it takes no more.</summary>
    public bool Take(AuditRecord record)
    {
        if (_isEnding)
        {
            return false;
        }

        if (!Insert(new(record, isWaitedFor: false, hasSlot: false)))
        {
            Overflow(record, isWaitedFor: false);
        }

        return true;
    }

    /// <summary>When everything that was taken before is written or lost.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var mark = new AuditEntry(null, isWaitedFor: true, hasSlot: false);
        if (_work.IsValueCreated && !_work.Value.IsCompleted)
        {
            try
            {
                await _queue.Writer.WriteAsync(mark, cancellationToken);
                await mark.Written.WaitAsync(cancellationToken);
            }
            catch (ChannelClosedException)
            {
                await _work.Value.WaitAsync(cancellationToken);
            }
        }

        if (_spill is not null)
        {
            await _spill.FlushAsync(cancellationToken);
        }
    }

    /// <summary>No more records; completes when those that wait are written, or after a time.</summary>
    public async Task EndAsync(TimeSpan timeout)
    {
        _isEnding = true;
        _queue.Writer.TryComplete();
        if (_work.IsValueCreated)
        {
            try
            {
                await _work.Value.WaitAsync(timeout, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                await _stop.CancelAsync();
            }
        }

        if (_work.IsValueCreated && !_work.Value.IsCompleted)
        {
            _ = _work.Value.ContinueWith(_ => Dispose(), TaskScheduler.Default);   // it may still be writing
        }
        else
        {
            Dispose();
        }

        if (_spill is not null)
        {
            await _spill.EndAsync(timeout);
        }
    }

    /// <summary>When nothing is at work any more.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _slots.Dispose();
        _stop.Dispose();
    }

    /// <summary>Puts an entry into the queue, in place of older ones where the policy says so.</summary>
    private bool Insert(AuditEntry entry)
    {
        while (!Offer(entry))
        {
            if (_isEnding || _backPressure != AuditBackPressure.DropOldest || !DropOldest())
            {
                return false;
            }
        }

        return true;
    }

    private bool Offer(AuditEntry entry)
    {
        var content = ContentOf(entry);
        Interlocked.Add(ref _content, content);
        if (!_queue.Writer.TryWrite(entry))
        {
            Interlocked.Add(ref _content, -content);
            return false;
        }

        _ = _work.Value;
        return true;
    }

    private static long ContentOf(AuditEntry entry) => entry.Record?.Replay?.Length ?? 0;

    private async ValueTask<bool> FindSlotAsync(bool isWaitedFor, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_backPressure == AuditBackPressure.Block)
        {
            return isWaitedFor && await WaitForSlotAsync(timeout, cancellationToken);   // what nobody must wait for harms nobody
        }

        while (_backPressure == AuditBackPressure.DropOldest && DropOldest())
        {
            if (_slots.Wait(0, CancellationToken.None))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> WaitForSlotAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _slots.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private bool DropOldest()
    {
        if (!_queue.Reader.TryRead(out var oldest))
        {
            return false;
        }

        Interlocked.Add(ref _content, -ContentOf(oldest));
        Done(oldest, isWritten: oldest.Record is null);
        if (oldest.Record is not null)
        {
            Lose(1);
        }

        return true;
    }

    private AuditEntry? Overflow(AuditRecord record, bool isWaitedFor)
    {
        var entry = new AuditEntry(record, isWaitedFor, hasSlot: false);
        if (_spill?.Offer(entry) == true)
        {
            Interlocked.Increment(ref _spilled);
            Interlocked.Increment(ref _spilledInAll);
            return entry;
        }

        Lose(1);
        return null;
    }

    private void Lose(int count, string why = CannotKeepUp)
    {
        if (count == 0)
        {
            return;
        }

        Interlocked.Add(ref _gap, count);
        Interlocked.Add(ref _dropped, count);
        Say(why);
    }

    private void Done(AuditEntry entry, bool isWritten)
    {
        entry.Complete(isWritten);
        LeaveSlot(entry);
    }

    private void LeaveSlot(AuditEntry entry)
    {
        if (entry.LeavesSlot())
        {
            _slots.Release();
        }
    }

    private async Task WorkAsync(Task after)
    {
        await after.ContinueWith(static _ => { }, TaskScheduler.Default);
        if (_isShut)
        {
            Look();
        }

        var batch = new List<AuditEntry>(MaxBatch);
        while (await NextAsync(batch))
        {
            await WriteAsync(batch);
            Interlocked.Add(ref _content, -batch.Sum(ContentOf));
            batch.Clear();
        }

        if (Interlocked.Read(ref _gap) > 0 || Interlocked.Read(ref _spilled) > 0)
        {
            await WriteAsync(batch);   // what is missing at the end is said too
        }

        Look();   // nothing that was written is left without one
    }

    /// <summary>
    /// The entries that wait, none where something is to be said without any; false: there will be no more. Writes a checkpoint when one is due meanwhile, and looks again and
    /// again whether what did not work works: nobody may come who would show it.
    /// </summary>
    private async ValueTask<bool> NextAsync(List<AuditEntry> batch)
    {
        var look = FirstLook;
        while (batch.Count == 0)
        {
            var more = _queue.Reader.WaitToReadAsync().AsTask();
            while (!more.IsCompleted && (IsTroubled ? look : _file?.CheckpointDue) is { } due)
            {
                try
                {
                    await more.WaitAsync(due < LongestWait ? due : LongestWait, _time);
                }
                catch (TimeoutException)
                {
                    if (Behind is not null)
                    {
                        return true;
                    }

                    look = look * 2 < LastLook ? look * 2 : LastLook;
                    Look();
                }
            }

            if (!await more)
            {
                return false;
            }

            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }
        }

        return true;
    }

    private bool IsTroubled => _failing is not null || Behind is not null;

    /// <summary>Opens the file, or writes a checkpoint, where that is due.</summary>
    private void Look()
    {
        try
        {
            if (_isShut)
            {
                _file!.TakeUp();
                (_isShut, _failing) = (false, null);
            }
            else if (_file?.CheckpointDue is not null)
            {
                _file.Checkpoint();
                _failing = null;
            }
        }
        catch (Exception e)
        {
            Failed(e);
        }
    }

    private async ValueTask WriteAsync(List<AuditEntry> batch)
    {
        var (gap, spilled) = (Interlocked.Exchange(ref _gap, 0), Interlocked.Exchange(ref _spilled, 0));
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            var records = RecordsOf(batch, gap, spilled);
            try
            {
                if (records.Count > 0)
                {
                    await _transport.WriteAsync(records, _stop.Token);
                    Interlocked.Add(ref _written, records.Count);
                    (_isShut, _failing) = (false, null);
                }

                batch.ForEach(entry => Done(entry, isWritten: !entry.IsGivenUp));
                return;
            }
            catch (Exception e)
            {
                Failed(e);
            }

            var isLost = _stop.IsCancellationRequested || (tries >= Tries && (_file is null || _queue.Reader.Completion.IsCompleted));
            if (_spill is not null || isLost)
            {
                Interlocked.Add(ref _gap, gap);   // still to be said
                Interlocked.Add(ref _spilled, spilled);
                Divert(batch);
                return;
            }

            try
            {
                await Task.Delay(pause, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The next try is the last one.
            }

            pause = pause * 2 > LastPause ? LastPause : pause * 2;
        }
    }

    /// <summary>What stays of a batch when nobody waits for the rest any more, behind what is to be said of records that are not in it.</summary>
    private List<AuditRecord> RecordsOf(List<AuditEntry> batch, long gap, long spilled)
    {
        var records = new List<AuditRecord>(batch.Count + 2);
        if (gap > 0)
        {
            records.Add(_records.Of(AuditTypes.Gap, _time.GetUtcNow(), gap));
        }

        if (spilled > 0)
        {
            records.Add(_records.Of(AuditTypes.Spill, _time.GetUtcNow(), spilled));
        }

        foreach (var entry in batch)
        {
            if (entry is { Record: { } record, IsGivenUp: false })
            {
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>Entries that could not be written go to the second file, or are lost.</summary>
    private void Divert(List<AuditEntry> batch)
    {
        foreach (var entry in batch)
        {
            LeaveSlot(entry);
            if (entry is { Record: not null, IsGivenUp: false } && _spill?.Offer(entry) == true)
            {
                Interlocked.Increment(ref _spilled);
                Interlocked.Increment(ref _spilledInAll);
                continue;
            }

            Lose(entry is { Record: not null, IsGivenUp: false } ? 1 : 0);
            Done(entry, isWritten: entry.Record is null);
        }
    }

    private void Failed(Exception e)
    {
        Interlocked.Increment(ref _failures);
        var reason = e is AuditFileException ? e.Message : e.GetType().Name;   // what others say may name a path
        _failing = reason;
        Say(reason);
    }

    /// <summary>Once a minute.</summary>
    private void Say(string reason)
    {
        var now = _time.GetTimestamp();
        var last = Interlocked.Read(ref _loggedAt);
        if ((Interlocked.Exchange(ref _hasLogged, 1) == 0 || _time.GetElapsedTime(last, now) >= LogInterval) && Interlocked.CompareExchange(ref _loggedAt, now, last) == last)
        {
            try
            {
                Fails(_logger, _name, reason, Interlocked.Read(ref _dropped), Interlocked.Read(ref _failures));
            }
            catch (Exception)
            {
                // What failed is the log itself.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit transport {Transport} fails: {Reason}. {Dropped} records lost, {Failures} failures so far; this is said once a minute")]
    private static partial void Fails(ILogger logger, string transport, string reason, long dropped, long failures);
}
