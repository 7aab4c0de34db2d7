namespace Aegis.Flow;

/// <summary>Which spans of text tools have returned, as 32-bit hashes; bounded: what comes next takes the place of what came first, private spans last.</summary>
internal sealed class SpanTable
{
    private const int Smallest = 256;
    private const int Largest = 4_096;
    private const int Ways = 2;

    private uint[] _slots = [];
    private int _count;

    /// <summary>Bytes that it takes.</summary>
    public int Size => _slots.Length * sizeof(uint);

    public void Add(ulong hash, bool isPrivate)
    {
        if (_count >= _slots.Length * 3 / 4 && _slots.Length < Largest)
        {
            Grow();
        }

        Put(Entry(hash, isPrivate));
    }

    /// <summary>Whether a span was returned.</summary>
    public bool Contains(ulong hash) => Find(hash) is not 0;

    /// <summary>Whether a private span was returned.</summary>
    public bool ContainsPrivate(ulong hash) => (Find(hash) & 1) == 1;

    private static uint Entry(ulong hash, bool isPrivate) => ((uint)(hash >> 32) & ~1u) | 2u | (isPrivate ? 1u : 0u);

    private uint Find(ulong hash)
    {
        if (_slots.Length == 0)
        {
            return 0;
        }

        var wanted = Entry(hash, isPrivate: false);
        var slot = Slot(wanted);
        for (var i = 0; i < Ways; i++)
        {
            if ((_slots[slot + i] & ~1u) == wanted)
            {
                return _slots[slot + i];
            }
        }

        return 0;
    }

    private void Put(uint entry)
    {
        var slot = Slot(entry);
        for (var i = 0; i < Ways; i++)
        {
            var known = _slots[slot + i];
            if (known == 0 || (known & ~1u) == (entry & ~1u))
            {
                _count += known == 0 ? 1 : 0;
                _slots[slot + i] = known | entry;
                return;
            }
        }

        if ((entry & 1) == 1 || (_slots[slot + 1] & 1) == 0)
        {
            _slots[slot + 1] = (_slots[slot] & 1) >= (_slots[slot + 1] & 1) ? entry : _slots[slot + 1];
        }
        else if ((_slots[slot] & 1) == 0)
        {
            _slots[slot] = entry;
        }
    }

    private void Grow()
    {
        var before = _slots;
        _slots = new uint[Math.Max(Smallest, before.Length * 4)];
        _count = 0;
        foreach (var entry in before)
        {
            if (entry != 0)
            {
                Put(entry);
            }
        }
    }

    private int Slot(uint entry) => (int)(((entry & ~1u) * 0x9E37_79B1u) >> 16) % (_slots.Length / Ways) * Ways;
}
