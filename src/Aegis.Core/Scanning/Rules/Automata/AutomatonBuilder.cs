namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Makes a pattern an automaton of states that read one symbol, go on at two places, or ask for a word's edge (K. Thompson, "Regular expression
/// search algorithm", 1968).
/// </summary>
internal sealed class AutomatonBuilder
{
    private const int MaxCopies = 3;

    private readonly Dictionary<PatternNode, int> _sets;
    private readonly bool _isCoarse;
    private readonly List<AutomatonState> _states = [new(AutomatonState.Accept, 0, 0)];
    private int _families;
    private bool _hasEdges;

    private AutomatonBuilder(Dictionary<PatternNode, int> sets, bool isCoarse) => (_sets, _isCoarse) = (sets, isCoarse);

    /// <summary>What a pattern says, without what finds it quickly in a long text.</summary>
    public static ExactAutomaton BuildExact(PatternNode root)
    {
        var builder = new AutomatonBuilder([], false);
        var start = builder.Add(root, 0);
        return new([.. builder._states], start, builder._families, new([.. builder._sets.OrderBy(static set => set.Value).Select(static set => set.Key)], builder._hasEdges));
    }

    /// <summary>Patterns side by side: the states of all, the pattern of each state, where each begins, and their symbols.</summary>
    public static (AutomatonState[] States, int[] Owners, int[] Starts, Alphabet Alphabet) BuildUnion(IReadOnlyList<PatternNode> roots)
    {
        var builder = new AutomatonBuilder([], false);
        var (owners, starts) = (new List<int> { 0 }, new int[roots.Count]);
        for (var pattern = 0; pattern < roots.Count; pattern++)
        {
            starts[pattern] = builder.Add(roots[pattern], builder.Add(AutomatonState.Accept, 0, 0));
            owners.AddRange(Enumerable.Repeat(pattern, builder._states.Count - owners.Count));
        }

        return ([.. builder._states], [.. owners], starts, new([.. builder._sets.OrderBy(static set => set.Value).Select(static set => set.Key)], hasEdges: true));
    }

    /// <summary>Patterns side by side, without counting: the states of all, where each begins, the set of ASCII's letters and digits, and their symbols.</summary>
    public static (AutomatonState[] States, int[] Starts, int Plain, SearchAlphabet Alphabet) BuildSearch(IReadOnlyList<PatternNode> roots)
    {
        var plain = new PatternNode.Class(IsNegated: false, [('0', '9'), ('A', 'Z'), ('a', 'z')], "");
        var builder = new AutomatonBuilder(new() { [plain] = 0 }, isCoarse: true);
        int[] starts = [.. roots.Select(root => builder.Add(root, 0))];
        return ([.. builder._states], starts, 0, SearchAlphabet.Of(new([.. builder._sets.OrderBy(static set => set.Value).Select(static set => set.Key)], hasEdges: true), builder._sets.Count));
    }

    public static Automaton Build(PatternNode root, int span)
    {
        var sets = new Dictionary<PatternNode, int>();
        var (exact, coarse) = (new AutomatonBuilder(sets, false), new AutomatonBuilder(sets, true));
        var start = exact.Add(root, 0);
        var coarseRoot = coarse.Add(root, 0);
        coarse.Add(AutomatonState.Split, coarseRoot, coarseRoot);   // the last state, which no other leads to
        var alphabet = new Alphabet([.. sets.OrderBy(static set => set.Value).Select(static set => set.Key)], exact._hasEdges);
        return new(new([.. exact._states], start, exact._families, alphabet), new([.. coarse._states], alphabet), span);
    }

    /// <summary>Adds a part.</summary>
    /// <returns>Where it begins.</returns>
    private int Add(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.Edge:
                _hasEdges = true;
                return Add(AutomatonState.Edge, next, 0);
            case PatternNode.Sequence sequence:
                for (var i = sequence.Parts.Count - 1; i >= 0; i--)
                {
                    next = Add(sequence.Parts[i], next);
                }

                return next;
            case PatternNode.Choice choice:
                var first = Add(choice.Options[^1], next);
                for (var i = choice.Options.Count - 2; i >= 0; i--)
                {
                    first = Add(AutomatonState.Split, Add(choice.Options[i], next), first);
                }

                return first;
            case PatternNode.Repeat repeat:
                return Add(repeat, next);
            default:
                if (!_sets.TryGetValue(node, out var set))
                {
                    _sets.Add(node, set = _sets.Count);
                }

                return Add(set, next, 0);
        }
    }

    private int Add(PatternNode.Repeat repeat, int next)
    {
        var first = next;
        if (repeat.To == PatternNode.Repeat.Endless || (_isCoarse && repeat.To - repeat.From > MaxCopies))
        {
            first = Add(AutomatonState.Split, next, next);
            _states[first] = _states[first] with { Other = Add(repeat.Part, first) };
        }
        else
        {
            first = AddOptional(repeat, next);
        }

        for (var copy = 0; copy < repeat.From; copy++)
        {
            first = Add(repeat.Part, first);
        }

        return first;
    }

    private int AddOptional(PatternNode.Repeat repeat, int next)
    {
        var (first, family) = (next, AutomatonState.NoFamily);
        for (var copy = repeat.To - 1; copy >= repeat.From; copy--)
        {
            var start = _states.Count;
            first = Add(AutomatonState.Split, Add(repeat.Part, first), next);
            if (family == AutomatonState.NoFamily)
            {
                family = _families;
                _families += _states.Count - start;
            }

            for (var i = start; i < _states.Count; i++)
            {
                if (_states[i].Family == AutomatonState.NoFamily)
                {
                    _states[i] = _states[i] with { Family = family + i - start, Rank = copy };
                }
            }
        }

        return first;
    }

    private int Add(int reads, int next, int other)
    {
        _states.Add(new(reads, next, other));
        return _states.Count - 1;
    }
}
