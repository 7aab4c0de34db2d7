namespace Aegis.Scanning.Rules.Automata;

/// <summary>The characters of a pattern: those that it does not tell apart are one symbol. Immutable.</summary>
internal sealed class Alphabet : ISymbolSets
{
    private const int Ascii = 0x80;

    private readonly ushort[] _ascii = new ushort[Ascii];
    private readonly char[] _starts;      // of the parts of the code space, the first at 0
    private readonly ushort[] _symbols;   // of each part and kind
    private readonly bool[] _words;
    private readonly bool[] _members;     // of each set and symbol

    /// <param name="sets">What the pattern names: literals, classes, sets.</param>
    /// <param name="hasEdges">Whether it asks where words end.</param>
    public Alphabet(IReadOnlyList<PatternNode> sets, bool hasEdges)
    {
        _starts = [.. sets.SelectMany(RangesOf).SelectMany(static range => range.To == char.MaxValue ? [range.From] : new[] { range.From, (char)(range.To + 1) }).Append('\0').Distinct().Order()];
        List<int>[] cells = [.. sets.Select(CellsOf)];
        int[] words = hasEdges ? [.. Enumerable.Range(0, _starts.Length * CharacterKinds.Count).Where(static cell => CharacterKinds.IsOfWord(KindOf(cell)))] : [];
        var classes = new int[_starts.Length * CharacterKinds.Count];
        var count = 1;
        foreach (var members in cells.Prepend([.. words]))
        {
            var split = new Dictionary<int, int>();
            foreach (var cell in members)
            {
                if (!split.TryGetValue(classes[cell], out var apart))
                {
                    split.Add(classes[cell], apart = count++);
                }

                classes[cell] = apart;
            }
        }

        int[] used = [.. classes.Distinct()];
        var numbers = used.Index().ToDictionary(static pair => pair.Item, static pair => (ushort)pair.Index);
        Count = used.Length;
        _symbols = [.. classes.Select(number => numbers[number])];
        _words = new bool[Count];
        foreach (var cell in words)
        {
            _words[_symbols[cell]] = true;
        }

        _members = new bool[sets.Count * Count];
        for (var set = 0; set < sets.Count; set++)
        {
            foreach (var cell in cells[set])
            {
                _members[(set * Count) + _symbols[cell]] = true;
            }
        }

        for (var c = 0; c < Ascii; c++)
        {
            _ascii[c] = Find((char)c);
        }
    }

    /// <summary>How many symbols there are.</summary>
    public int Count { get; }

    public int Of(char c) => c < Ascii ? _ascii[c] : Find(c);

    /// <summary>Whether a symbol is of a word; false for all if the pattern does not ask.</summary>
    public bool IsOfWord(int symbol) => _words[symbol];

    /// <summary>Whether a set of the pattern has a symbol.</summary>
    public bool Has(int set, int symbol) => _members[(set * Count) + symbol];

    private static CharacterKind KindOf(int cell) => (CharacterKind)(cell % CharacterKinds.Count);

    /// <summary>What a set has, or lacks, besides whole kinds.</summary>
    private static IReadOnlyList<(char From, char To)> RangesOf(PatternNode set) => set switch
    {
        PatternNode.Literal literal => [(literal.Character, literal.Character)],
        PatternNode.Any => [('\n', '\n')],
        PatternNode.Class members => members.Ranges,
        _ => [],
    };

    private ushort Find(char c)
    {
        var part = Array.BinarySearch(_starts, c);
        return _symbols[((part < 0 ? ~part - 1 : part) * CharacterKinds.Count) + (int)CharacterKinds.Of(c)];
    }

    private List<int> CellsOf(PatternNode set)
    {
        var (sets, isNegated) = set switch
        {
            PatternNode.Set named => (named.Name.ToString(), false),
            PatternNode.Class members => (members.Sets, members.IsNegated),
            _ => ("", set is PatternNode.Any),
        };
        var ranges = RangesOf(set);
        var cells = new List<int>();
        if (sets.Length == 0 && !isNegated)
        {
            foreach (var (from, to) in ranges)
            {
                for (var part = Array.BinarySearch(_starts, from); part < _starts.Length && _starts[part] <= to; part++)
                {
                    cells.AddRange(Enumerable.Range(part * CharacterKinds.Count, CharacterKinds.Count));
                }
            }

            return [.. cells.Distinct()];
        }

        for (var cell = 0; cell < _starts.Length * CharacterKinds.Count; cell++)
        {
            var (start, kind) = (_starts[cell / CharacterKinds.Count], KindOf(cell));
            var isNamed = sets.Any(name => CharacterKinds.IsIn(kind, name)) || ranges.Any(range => range.From <= start && start <= range.To);
            if (isNamed != isNegated)
            {
                cells.Add(cell);
            }
        }

        return cells;
    }
}
