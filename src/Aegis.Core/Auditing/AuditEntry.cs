namespace Aegis.Auditing;

/// <summary>A record on its way to a transport, and who waits for it.</summary>
/// <param name="record">The record; null: a mark, for whoever wants to know that everything before it is done.</param>
/// <param name="isWaitedFor">Whether somebody waits.</param>
/// <param name="hasSlot">Whether it holds one of the places for inspections.</param>
internal sealed class AuditEntry(AuditRecord? record, bool isWaitedFor, bool hasSlot)
{
    private readonly TaskCompletionSource<bool>? _done = isWaitedFor ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
    private int _isGivenUp;
    private int _slots = hasSlot ? 1 : 0;

    public AuditRecord? Record => record;

    /// <summary>Whether it held a place until now; it does no more.</summary>
    public bool LeavesSlot() => Interlocked.Exchange(ref _slots, 0) == 1;

    /// <summary>Whether it was written; completes in any case.</summary>
    public Task<bool> Written => _done?.Task ?? Task.FromResult(true);

    /// <summary>Whether the one who waited has gone, so that it need not be written any more.</summary>
    public bool IsGivenUp => Volatile.Read(ref _isGivenUp) != 0;

    public void GiveUp() => Volatile.Write(ref _isGivenUp, 1);

    public void Complete(bool isWritten) => _done?.TrySetResult(isWritten);
}
