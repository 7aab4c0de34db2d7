namespace Aegis.Flow;

/// <summary>Which spans of text tools have returned, as 32-bit hashes; bounded: what comes next takes the place of what came first, private spans last.</summary>
internal sealed class SpanTable
{
    private const int Smallest = 256;
    private const int Largest = 4_096;
    private const int Ways = 2;
    private const uint Private = 1;
    private const uint Taken = 2;
    private const uint Named = 4;
    private const uint Marks = Private | Taken | Named;

    private uint[] _slots = [];
    private int _count;

    /// <summary>Bytes that it takes.</summary>
    public int Size => _slots.Length * sizeof(uint);

    /// <summary>Whether a private span had to make room for another one.</summary>
    public bool HasLostPrivate { get; private set; }

    /// <summary>All spans with their marks, as <see cref="Add(uint)"/> takes them.</summary>
    public IEnumerable<uint> Entries => _slots.Where(static entry => entry != 0);

    /// <summary>Adds a span. Its entry; 0: it was known.</summary>
    public uint Add(ulong hash, bool isPrivate, bool isNamed)
    {
        var entry = Entry(hash) | (isPrivate ? Private : 0) | (isNamed ? Named : 0);
        return Add(entry) ? entry : 0;
    }

    /// <summary>Adds a span of another table; whether that changed anything.</summary>
    public bool Add(uint entry)
    {
        if (_count >= _slots.Length * 3 / 4 && _slots.Length < Largest)
        {
            Grow();
        }

        return Put(entry | Taken);
    }

    /// <summary>Nobody can say any more what is private.</summary>
    public void LosePrivate() => HasLostPrivate = true;

    /// <summary>Whether a span was returned.</summary>
    public bool Contains(ulong hash) => Find(hash) is not 0;

    /// <summary>Whether a private span was returned.</summary>
    public bool ContainsPrivate(ulong hash) => (Find(hash) & Private) != 0;

    /// <summary>Whether a span was returned by a call whose object the user named.</summary>
    public bool ContainsNamed(ulong hash) => (Find(hash) & Named) != 0;

    private static uint Entry(ulong hash) => ((uint)(hash >> 32) & ~Marks) | Taken;

    private uint Find(ulong hash)
    {
        if (_slots.Length == 0)
        {
            return 0;
        }

        var wanted = Entry(hash);
        var slot = Slot(wanted);
        for (var i = 0; i < Ways; i++)
        {
            if ((_slots[slot + i] & ~(Private | Named)) == wanted)
            {
                return _slots[slot + i];
            }
        }

        return 0;
    }

    private bool Put(uint entry)
    {
        var slot = Slot(entry);
        for (var i = 0; i < Ways; i++)
        {
            var known = _slots[slot + i];
            if (known == 0 || (known & ~(Private | Named)) == (entry & ~(Private | Named)))
            {
                _count += known == 0 ? 1 : 0;
                _slots[slot + i] = known | entry;
                return (known | entry) != known;
            }
        }

        var isPrivate = (entry & Private) != 0;
        var (first, second) = ((_slots[slot] & Private) != 0, (_slots[slot + 1] & Private) != 0);
        if (_slots.Length < Largest)   // nothing gives way, by the chance of its hash, before the table is as large as it may be
        {
            Grow();
            return Put(entry);
        }

        if (isPrivate || !second)
        {
            HasLostPrivate |= first && second;
            _slots[slot + 1] = first || !second ? entry : _slots[slot + 1];
            _slots[slot] = !first && second ? entry : _slots[slot];
        }
        else if (!first)
        {
            _slots[slot] = entry;
        }

        return true;
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

    private int Slot(uint entry) => (int)(((entry & ~(Private | Named)) * 0x9E37_79B1u) >> 16) % (_slots.Length / Ways) * Ways;
}
