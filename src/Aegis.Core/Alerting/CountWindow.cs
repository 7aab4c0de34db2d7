namespace Aegis.Alerting;

/// <summary>
/// Whether more than so many events lie in a window: exact, for any number of events. Keeps the stamps of the last threshold + 1 of them, for there are more
/// than the threshold when the oldest of those is still in it.
/// </summary>
internal sealed class CountWindow(int threshold, long length) : AlertWindow
{
    private long[] _stamps = new long[Math.Min(threshold + 1, 4)];
    private int _first;
    private int _count;

    /// <inheritdoc/>
    public override int Slots => _stamps.Length;

    /// <summary>Stamps that were moved when it grew: what it does beside one write an event.</summary>
    public long Moved { get; private set; }

    /// <inheritdoc/>
    public override void Add(long now, long amount, long rest)
    {
        if (_count == _stamps.Length && _count <= threshold)
        {
            var larger = new long[Math.Min(threshold + 1, _count * 2)];
            for (var i = 0; i < _count; i++)
            {
                larger[i] = At(i);
            }

            Moved += _count;
            (_stamps, _first) = (larger, 0);
        }

        if (_count == _stamps.Length)
        {
            _stamps[_first] = now;
            _first = _first + 1 == _stamps.Length ? 0 : _first + 1;
        }
        else
        {
            _stamps[(_first + _count++) % _stamps.Length] = now;
        }
    }

    /// <inheritdoc/>
    public override bool Exceeds(long now) => _count > threshold && now - At(0) < length;

    /// <inheritdoc/>
    public override decimal Read(long now)
    {
        // The stamps are in order: those that have left come first.
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = now - At(middle) < length ? (low, middle) : (middle + 1, high);
        }

        return _count - low;
    }

    /// <inheritdoc/>
    public override bool IsEmpty(long now) => _count == 0 || now - At(_count - 1) >= length;

    /// <inheritdoc/>
    public override AlertWindow Coarser(int parts)
    {
        if (Slots <= SumWindow.SlotsOf(parts))
        {
            return this;
        }

        var sums = new SumWindow(length, AlertCounter.CountJudge(threshold), waits: false, parts);
        for (var i = 0; i < _count; i++)
        {
            sums.Add(At(i), 1, 0);
        }

        return sums;
    }

    /// <inheritdoc/>
    public override long NextLook(long now) => At(0) + length;

    private long At(int index) => _stamps[(_first + index) % _stamps.Length];
}
