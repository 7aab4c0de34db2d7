namespace Aegis.Scanning.Rules;

/// <summary>What <see cref="RuleWindows"/> remembers of a text as it reads it. Positions of each text are counted on from those of the text before, so nothing is cleared between texts.</summary>
internal sealed class WindowMemory
{
    private const int Apart = Pattern.MaxSpan * 2;
    private const int FirstSize = 1_024;

    private readonly int[] _links;   // where a text of each ended last, counted on from the texts before
    private readonly Window[] _windows;
    private readonly int _reach;
    private readonly List<int> _touched = [];
    private KeywordHit[] _hits = new KeywordHit[FirstSize];
    private int _count;
    private int _base;
    private int _next;

    /// <param name="rules">How many there are.</param>
    /// <param name="links">How many there are.</param>
    /// <param name="reach">Keywords that end farther back than so many characters may be forgotten.</param>
    public WindowMemory(int rules, int links, int reach)
    {
        (_windows, _links, _reach) = (new Window[rules], new int[links], reach);
        _links[ChainIndex.None] = int.MaxValue;
    }

    /// <summary>The rules that were asked about in this text.</summary>
    public IReadOnlyList<int> Touched => _touched;

    /// <summary>The latest keywords, from left to right.</summary>
    public ReadOnlySpan<KeywordHit> Hits => _hits.AsSpan(0, _count);

    /// <summary>Forgets the text before.</summary>
    public void Begin(int length)
    {
        if (_next > int.MaxValue - length - (2 * Apart))
        {
            Array.Clear(_links);
            Array.Clear(_windows);
            _links[ChainIndex.None] = int.MaxValue;
            _next = 0;
        }

        _base = _next + Apart;
        _next = _base + length;
        _count = 0;
        _touched.Clear();
    }

    /// <summary>Whether a text of a link ended not farther before a position than a gap.</summary>
    public bool Stands(int link, int end, int gap) => _links[link] > _base && _links[link] - _base >= end - gap;

    /// <summary>Notes where a text of a link ends.</summary>
    public void Mark(int link, int end) => _links[link] = link == ChainIndex.None ? int.MaxValue : _base + end;

    /// <summary>Notes where a keyword stands.</summary>
    public void Add(KeywordHit hit)
    {
        if (_count == _hits.Length)
        {
            MakeRoom(hit.End);
        }

        _hits[_count++] = hit;
    }

    /// <summary>A rule's window.</summary>
    public ref Window Of(int rule)
    {
        ref var window = ref _windows[rule];
        if (window.Base != _base)
        {
            window = new() { Base = _base };
            _touched.Add(rule);
        }

        return ref window;
    }

    private void MakeRoom(int end)
    {
        var far = 0;
        while (far < _count && _hits[far].End < end - _reach)
        {
            far++;
        }

        _hits.AsSpan(far, _count - far).CopyTo(_hits);
        _count -= far;
        if (_count > _hits.Length / 2)
        {
            Array.Resize(ref _hits, _hits.Length * 2);
        }
    }

    /// <summary>The part of a text in which a rule is tried next, and the match if it has one.</summary>
    internal struct Window
    {
        /// <summary>The text it is of.</summary>
        public int Base;

        public int From;

        /// <summary>Where it ends; 0: none is open.</summary>
        public int To;

        /// <summary>Where the last chain in it begins.</summary>
        public int LastStart;

        public int Start;

        /// <summary>The length of the match; 0: none yet.</summary>
        public int Length;

        /// <summary>Where a text of the rule ended last that is not plainly written; 0: none did.</summary>
        public int LastOdd;
    }
}
