namespace Aegis.Scanning.Rules;

/// <summary>What <see cref="RuleWindows"/> remembers of a text as it reads it. Positions of each text are counted on from those of the text before, so nothing is cleared between texts.</summary>
internal sealed class WindowMemory(int rules, int links)
{
    private const int Apart = Pattern.MaxSpan * 2;

    private readonly Place[] _links = new Place[links];
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

    /// <summary>Whether a link's chain stands not far before a position; then where it began, first and last, and the position behind it.</summary>
    public bool Stands(int link, int end, int gap, out int first, out int last, out int behind)
    {
        ref readonly var place = ref _links[link];
        (first, last, behind) = (place.First, place.Last, place.End - _base);
        return place.End > _base && place.End - _base >= end - gap;
    }

    /// <summary>Notes where a link's chain stands.</summary>
    /// <param name="link">The link.</param>
    /// <param name="first">Where the chain began first.</param>
    /// <param name="last">Where it began last.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="gap">How far behind it the next link is looked for: as far, an earlier chain counts as well.</param>
    public void Keep(int link, int first, int last, int end, int gap)
    {
        ref var place = ref _links[link];
        if (place.End > _base && place.End - _base >= end - gap)
        {
            (first, last) = (Math.Min(first, place.First), Math.Max(last, place.Last));
        }

        place = new(_base + end, first, last);
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

    /// <summary>Where the links of a chain up to one stand.</summary>
    /// <param name="End">Where the text of the last ends, counted on from the texts before.</param>
    /// <param name="First">Where the first begins at the earliest.</param>
    /// <param name="Last">Where it begins at the latest.</param>
    private readonly record struct Place(int End, int First, int Last);

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

        /// <summary>Where a text of the rule ended last that is not plainly written.</summary>
        public int LastOdd;
    }
}
