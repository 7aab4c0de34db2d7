namespace Aegis.Alerting;

/// <summary>
/// Two sums over a window: a cost, or what was blocked and what was not. Exact for 1,024 entries; of more, neighbours within 1/256 of the window become one, which
/// leaves with the last of them: then something may count that much too long, and never too short.
/// </summary>
internal sealed class SumWindow(long length, Func<long, long, (decimal Value, bool Exceeds)> judge, bool waits) : AlertWindow
{
    /// <summary>Entries, at most.</summary>
    public const int Most = 1_024;

    // Of two neighbours that stay apart the second ends more than a part after the first began, so that at most 2 * Parts + 1 stay: about half of all.
    private const int Parts = 256;

    private readonly long _span = Math.Max(1, length / Parts);
    private Entry[] _entries = new Entry[4];
    private int _first;
    private int _count;
    private long _amount;
    private long _rest;

    /// <inheritdoc/>
    public override int Slots => _entries.Length * 4;

    /// <summary>Entries that were moved or put together: what it does beside one write an event.</summary>
    public long Moved { get; private set; }

    /// <inheritdoc/>
    public override void Add(long now, long amount, long rest)
    {
        Leave(now);
        if (_count == _entries.Length)
        {
            Shrink();
        }

        _entries[(_first + _count++) % _entries.Length] = new(now, now, amount, rest);
        _amount += amount;
        _rest += rest;
    }

    /// <inheritdoc/>
    public override bool Exceeds(long now)
    {
        Leave(now);
        return judge(_amount, _rest).Exceeds;
    }

    /// <inheritdoc/>
    public override decimal Read(long now)
    {
        Leave(now);
        return judge(_amount, _rest).Value;
    }

    /// <inheritdoc/>
    public override long NextLook(long now) => waits || _count == 0 ? now + length : _entries[_first].Last + length;

    private void Leave(long now)
    {
        for (; _count > 0 && now - _entries[_first].Last >= length; _count--)
        {
            _amount -= _entries[_first].Amount;
            _rest -= _entries[_first].Rest;
            _first = _first + 1 == _entries.Length ? 0 : _first + 1;
        }
    }

    /// <summary>Makes room: a larger array, or fewer entries.</summary>
    private void Shrink()
    {
        var grows = _entries.Length < Most;
        var kept = new Entry[Math.Min(Most, _entries.Length * 2)];
        var count = 0;
        for (var i = 0; i < _count; i++)
        {
            var entry = _entries[(_first + i) % _entries.Length];
            if (!grows && count > 0 && entry.Last - kept[count - 1].Began <= _span)
            {
                kept[count - 1] = new(kept[count - 1].Began, entry.Last, kept[count - 1].Amount + entry.Amount, kept[count - 1].Rest + entry.Rest);
            }
            else
            {
                kept[count++] = entry;
            }
        }

        Moved += _count;
        (_entries, _first, _count) = (kept, 0, count);
    }

    private readonly record struct Entry(long Began, long Last, long Amount, long Rest);
}
