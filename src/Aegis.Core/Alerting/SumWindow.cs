namespace Aegis.Alerting;

/// <summary>
/// Two sums over a window: a cost, or what was blocked and what was not. Exact for four entries a part; of more, neighbours within a part of the window become one, which
/// leaves with the last of them: then something may count that much too long, and never too short.
/// </summary>
internal sealed class SumWindow(long length, Func<long, long, (decimal Value, bool Exceeds)> judge, bool waits, int parts = SumWindow.Finest) : AlertWindow
{
    /// <summary>Parts of the window, at most.</summary>
    public const int Finest = 256;

    /// <summary>Parts of the window where many share what room there is.</summary>
    public const int Coarsest = 16;

    /// <summary>Entries, at most.</summary>
    public const int Most = Finest * EntriesOfAPart;

    // Of two neighbours that stay apart the second ends more than a part after the first began, so that at most two for each part and one stay: about half of all.
    private const int EntriesOfAPart = 4;
    private const int SlotsOfAnEntry = 4;

    private int _parts = parts;
    private long _span = Math.Max(1, length / parts);
    private Entry[] _entries = new Entry[4];
    private int _first;
    private int _count;
    private long _amount;
    private long _rest;

    /// <inheritdoc/>
    public override int Slots => _entries.Length * SlotsOfAnEntry;

    /// <summary>Entries that were moved or put together: what it does beside one write an event.</summary>
    public long Moved { get; private set; }

    /// <inheritdoc/>
    public override void Add(long now, long amount, long rest)
    {
        Leave(now);
        if (_count == _entries.Length)
        {
            Rebuild(Math.Min(_parts * EntriesOfAPart, _count * 2), joins: _count == _parts * EntriesOfAPart);
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
    public override bool IsEmpty(long now)
    {
        Leave(now);
        return _count == 0;
    }

    /// <inheritdoc/>
    public override AlertWindow Coarser(int parts)
    {
        if (parts < _parts)
        {
            (_parts, _span) = (parts, Math.Max(1, length / parts));
            if (_entries.Length > parts * EntriesOfAPart)
            {
                Rebuild(parts * EntriesOfAPart, joins: true);
            }
        }

        return this;
    }

    /// <summary>Room for so many entries that were counted in so many parts, at most.</summary>
    public static int SlotsOf(int parts) => parts * EntriesOfAPart * SlotsOfAnEntry;

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

    /// <summary>Makes room: another array, or fewer entries.</summary>
    private void Rebuild(int size, bool joins)
    {
        var kept = new Entry[size];
        var count = 0;
        for (var i = 0; i < _count; i++)
        {
            var entry = _entries[(_first + i) % _entries.Length];
            if (joins && count > 0 && entry.Last - kept[count - 1].Began <= _span)
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
