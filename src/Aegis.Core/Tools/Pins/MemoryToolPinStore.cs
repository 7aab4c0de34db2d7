namespace Aegis.Tools;

/// <summary>Pins of one process, gone with it.</summary>
internal sealed class MemoryToolPinStore(IReadOnlyList<ToolPin> pins) : IToolPinStore
{
    private IReadOnlyList<ToolPin> _pins = pins;

    public ValueTask<IReadOnlyList<ToolPin>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Volatile.Read(ref _pins));
    }

    public ValueTask<IReadOnlyList<ToolPin>> UpdateAsync(Func<IReadOnlyList<ToolPin>, IReadOnlyList<ToolPin>> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var pins = Volatile.Read(ref _pins);
            var changed = change(pins);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _pins, changed, pins), pins))
            {
                return new(changed);
            }
        }
    }
}
