using System.Buffers.Binary;
using System.Security.Cryptography;
using Aegis.Flow;

namespace Aegis.Guarding;

/// <summary>
/// The memory of a session and the log that several processes keep of it: takes up what others appended, and appends what was added here. Whatever of the log is lost or
/// cannot be read is forgotten: see <see cref="FlowMemory.Forget"/>. Thread-safe; one thing at a time.
/// </summary>
internal sealed class SharedMemory(IProvenanceStore store, FlowSeal seal, SessionId session, TimeProvider time, TimeSpan timeout)
{
    /// <summary>Bytes of a log that is replaced.</summary>
    public const int MaxLog = 262_144;

    private const int Tries = 4;

    private static readonly Finding Lost = new("flow/forgotten", Decision.Flag) { Detail = "what was kept of where this session's values come from is gone or cannot be read: what is not known comes from nobody" };

    private readonly Lock _turns = new();
    private Task _last = Task.CompletedTask;
    private ProvenancePosition _read;
    private ulong _origin;        // the same in every entry of a log and of those that took its place; 0: not known
    private bool _isUnreadable;
    private volatile bool _isOpen;
    private volatile bool _hasLog;

    public FlowMemory Memory { get; } = new(seal.Seed, () => time.GetUtcNow().UtcTicks);

    /// <summary>Whether the log was read once.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Takes up what others appended. A finding when it cannot be read, or when something is lost.</summary>
    public Task<Finding?> CatchUpAsync(CancellationToken cancellationToken) => InTimeAsync(ReadAsync, cancellationToken);

    /// <summary>Appends what was added here. A finding when that was not possible; it is appended the next time then.</summary>
    public Task<Finding?> TellAsync(CancellationToken cancellationToken) => InTimeAsync(WriteAsync, cancellationToken);

    /// <summary>Where there is no log, whether the session has read something before all the same.</summary>
    /// <param name="stored">What the session's state says of it.</param>
    public Finding? Compare(SessionLabels stored)
    {
        if (_hasLog || (stored & ~Memory.Labels) == SessionLabels.None || Memory.HasForgotten(SessionLabels.None))
        {
            return null;
        }

        Memory.Forget();
        return Lost;
    }

    private async Task<Finding?> InTimeAsync(Func<CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Limit(InTurnAsync(work, cancellationToken), cancellationToken) ? Lost : null;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Finding.Failed("flow/unavailable", e.GetType().Name);
        }
    }

    private async Task<bool> InTurnAsync(Func<CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_turns)
        {
            (before, _last) = (_last, mine.Task);
        }

        await before;   // which has its time too
        try
        {
            return await work(cancellationToken);
        }
        finally
        {
            mine.SetResult();
        }
    }

    /// <summary>Reads on from where it was read to. Whether something is lost.</summary>
    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var from = _read;
        var log = await Limit(store.ReadAsync(session, from, cancellationToken).AsTask(), cancellationToken);
        var isSame = log.End.Generation == from.Generation;
        var isShort = isSame ? log.End.Offset < from.Offset : log.End.Generation == Guid.Empty;
        if (!isShort && log.End.Offset - log.Bytes.Length != (isSame ? from.Offset : 0))
        {
            throw new InvalidOperationException("The store has read from somewhere else.");
        }

        (_read, _hasLog, _isOpen) = (log.End, log.End.Generation != Guid.Empty, true);
        _isUnreadable &= isSame;
        if (isShort)
        {
            _origin = _hasLog ? _origin : 0;
            Memory.Forget();
            return true;
        }

        return !log.Bytes.IsEmpty && TakeUp(log.Bytes.Span);
    }

    /// <summary>All of it or nothing. Whether something is lost.</summary>
    private bool TakeUp(ReadOnlySpan<byte> log)
    {
        List<(FlowEntry Entry, ulong Origin)> entries;
        try
        {
            entries = seal.Open(log).ConvertAll(FlowEntryCodec.Read);
        }
        catch (Exception)   // whatever it is, nobody of this session and version has written it
        {
            _isUnreadable = true;
            Memory.Forget();
            return true;
        }

        var isLost = false;
        foreach (var (entry, origin) in entries)
        {
            isLost |= _origin != 0 && _origin != origin;   // the log is not the one of before, and none that took its place
            _origin = origin;
            Memory.Merge(entry);
        }

        if (isLost)
        {
            Memory.Forget();
        }

        return isLost;
    }

    /// <summary>Tells the log what is new here. Whether something was found to be lost on the way.</summary>
    private async Task<bool> WriteAsync(CancellationToken cancellationToken)
    {
        var isLost = !_isOpen && await ReadAsync(cancellationToken);
        while (Memory.TakeNews() is { } news)
        {
            try
            {
                isLost |= await WriteAsync(news, cancellationToken);
            }
            catch
            {
                Memory.TellAll();   // it may be there or not, and may be there twice
                throw;
            }
        }

        return isLost;
    }

    private async Task<bool> WriteAsync(FlowEntry news, CancellationToken cancellationToken)
    {
        var isLost = false;
        for (var i = 0; i < Tries; i++)
        {
            var origin = _origin != 0 ? _origin : BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
            var bytes = seal.Close(FlowEntryCodec.Write(news, origin));
            var replaces = _isUnreadable || (_hasLog && _read.Offset + bytes.Length > MaxLog && i < Tries / 2);   // where others write all the time it may grow for a while
            bytes = replaces ? seal.Close(FlowEntryCodec.Write(Memory.Everything(), origin)) : bytes;
            var writing = replaces ? store.ReplaceAsync(session, _read, bytes, cancellationToken).AsTask() : store.AppendAsync(session, _read.Generation, bytes, cancellationToken).AsTask();
            var written = await Limit(writing, cancellationToken);
            if (written is { } end)
            {
                if (end.Generation == Guid.Empty || end.Offset < bytes.Length)
                {
                    throw new InvalidOperationException("The store has written somewhere else.");
                }

                var isNext = replaces || end.Offset - bytes.Length == _read.Offset;   // else others have written in between, which is read with what was written here
                (_read, _origin, _isUnreadable, _hasLog) = (isNext ? end : _read, origin, _isUnreadable && !replaces, true);
                return isLost;
            }

            isLost |= await ReadAsync(cancellationToken);   // it is another log by now, or has grown
            news = isLost ? Memory.TakeNews() ?? news : news;
        }

        throw new InvalidOperationException("The store has taken up nothing.");
    }

    private async Task<T> Limit<T>(Task<T> task, CancellationToken cancellationToken)
    {
        Abandoned.Observe(task);
        return await task.WaitAsync(timeout, time, cancellationToken);
    }
}
