namespace Aegis.Scanning.Rules;

/// <summary>What <see cref="RuleWindows"/> remembers of a text as it reads it. Positions of each text are counted on from those of the text before, so nothing is cleared between texts.</summary>
internal sealed class WindowMemory(int rules, int links)
{
    private const int Apart = Pattern.MaxSpan * 2;

    private readonly (int End, int Start)[] _links = new (int, int)[links];   // where a text of each link ended last, the links before it near by, and where its chain began
    private readonly Window[] _windows = new Window[rules];
    private readonly List<int> _touched = [];
    private int _base;
    private int _next;

    /// <summary>The rules that have or had windows in this text.</summary>
    public IReadOnlyList<int> Touched => _touched;

    /// <summary>Forgets the text before.</summary>
    public void Begin(int length)
    {
        if (_next > int.MaxValue - length - (2 * Apart))
        {
            Array.Clear(_links);
            Array.Clear(_windows);
            _next = 0;
        }

        _base = _next + Apart;
        _next = _base + length;
        _touched.Clear();
    }

    /// <summary>Whether a link's chain stands not far before a position; then where it began.</summary>
    public bool Stands(int link, int end, int gap, out int start)
    {
        (var last, start) = _links[link];
        return last > _base && last - _base >= end - gap;
    }

    public void Keep(int link, int start, int end) => _links[link] = (_base + end, start);

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

    /// <summary>The part of a text in which a rule is tried next, and the match if it has one.</summary>
    internal struct Window
    {
        /// <summary>The text it is of.</summary>
        public int Base;

        public int From;

        /// <summary>Where it ends; 0: none is open.</summary>
        public int To;

        /// <summary>Where the last chain in it ends.</summary>
        public int LastEnd;

        public int Start;

        /// <summary>The length of the match; 0: none yet.</summary>
        public int Length;

        /// <summary>Where a text of the rule ended last that is not plainly written.</summary>
        public int LastOdd;
    }
}
