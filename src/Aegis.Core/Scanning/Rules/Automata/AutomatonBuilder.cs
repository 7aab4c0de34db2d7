namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Makes a pattern an automaton of states that read one symbol, go on at two places, or ask for a word's edge (K. Thompson, "Regular expression
/// search algorithm", 1968). Repeats are written out, so that it has no circle.
/// </summary>
internal sealed class AutomatonBuilder
{
    private const int NoFamily = -1;

    private readonly List<Automaton.State> _states = [new(Automaton.Accept, 0, 0, NoFamily, 0)];
    private readonly Dictionary<PatternNode, int> _sets = [];
    private int _families;
    private bool _hasEdges;

    public static Automaton Build(PatternNode root)
    {
        var builder = new AutomatonBuilder();
        var start = builder.Add(root, 0);
        return new([.. builder._states], start, new([.. builder._sets.OrderBy(static set => set.Value).Select(static set => set.Key)], builder._hasEdges));
    }

    /// <summary>Adds a part.</summary>
    /// <returns>Where it begins.</returns>
    private int Add(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.Edge:
                _hasEdges = true;
                return Add(Automaton.Edge, next, 0);
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
                    first = Add(Automaton.Split, Add(choice.Options[i], next), first);
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
        var (first, family) = (next, NoFamily);
        for (var copy = repeat.To - 1; copy >= repeat.From; copy--)
        {
            var start = _states.Count;
            first = Add(Automaton.Split, Add(repeat.Part, first), next);
            if (family == NoFamily)
            {
                family = _families;
                _families += _states.Count - start;
            }

            for (var i = start; i < _states.Count; i++)
            {
                if (_states[i].Family == NoFamily)
                {
                    _states[i] = _states[i] with { Family = family + i - start, Rank = copy };
                }
            }
        }

        for (var copy = 0; copy < repeat.From; copy++)
        {
            first = Add(repeat.Part, first);
        }

        return first;
    }

    private int Add(int reads, int next, int other)
    {
        _states.Add(new(reads, next, other, NoFamily, 0));
        return _states.Count - 1;
    }
}
