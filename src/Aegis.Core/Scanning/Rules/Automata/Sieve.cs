namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Says where in a text nothing has begun that one of many patterns may still match, and where one may have matched: it sees every match, and some that
/// are none. Patterns of which the parts go their own ways would need nodes for all of their combinations; they are looked for in lanes, side by side,
/// with one step of each a character. May be used by many threads.
/// </summary>
internal sealed class Sieve
{
    /// <summary>How many lanes there are.</summary>
    public const int Lanes = 3;

    /// <summary>Nodes of a lane; each takes half a kilobyte.</summary>
    public const int DefaultMaxNodes = 1 << 14;

    private readonly SearchPatterns[] _patterns;
    private readonly SearchNodes[] _nodes;
    private readonly byte[] _symbols;
    private readonly int _maxNodes;

    /// <param name="patterns">The patterns, whether each may begin inside a word, and its lane.</param>
    /// <param name="maxNodes">How many nodes a lane has at most; a text that needs more is not read, and after many such texts they are made anew.</param>
    public Sieve(IReadOnlyList<(PatternNode Root, bool IsAnywhere, int Lane)> patterns, int maxNodes = DefaultMaxNodes)
    {
        var (states, starts, plain, alphabet) = AutomatonBuilder.BuildSearch([.. patterns.Select(static pattern => pattern.Root)]);
        (_symbols, _maxNodes) = (alphabet.Symbols, maxNodes);
        int[] Of(int lane, bool isAnywhere) => [.. starts.Where((_, i) => patterns[i].Lane == lane && patterns[i].IsAnywhere == isAnywhere)];
        _patterns = [.. Enumerable.Range(0, Lanes).Select(lane => new SearchPatterns(states, Of(lane, true), Of(lane, false), plain, alphabet))];
        _nodes = Array.ConvertAll(_patterns, lane => new SearchNodes(lane, maxNodes));
    }

    /// <summary>The place behind a text of which nothing that has begun goes on.</summary>
    public SievePlace Begin(ReadOnlySpan<char> behind = default)
    {
        var place = default(SievePlace);
        for (var lane = 0; lane < Lanes; lane++)
        {
            (place.Tables[lane], place.Nodes[lane]) = (NodesOf(lane), behind.IsEmpty ? SearchNodes.First : _patterns[lane].FlagsOf(_symbols[behind[^1]]));
        }

        return place;
    }

    /// <summary>The same place, but that nothing more begins.</summary>
    /// <returns>Whether there is room for it.</returns>
    public static bool Close(ref SievePlace place)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            place.Nodes[lane] = place.Tables[lane].Closed(place.Nodes[lane]);
            if (place.Nodes[lane] == SearchNodes.Unknown)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads on.</summary>
    /// <param name="text">What comes.</param>
    /// <param name="at">Where it stands in all of the text.</param>
    /// <param name="place">Where reading stands, and then stands.</param>
    /// <param name="clear">Gets the last position before which nothing has begun that goes on; stays if there is none.</param>
    /// <returns>Whether all of it was read; else there was no room for a node, and the place is of no use any more.</returns>
    public bool Read(ReadOnlySpan<char> text, int at, ref SievePlace place, ref int clear)
    {
        var (symbols, last) = (_symbols, clear);
        var (a, b, c) = ((uint)place.Nodes[0], (uint)place.Nodes[1], (uint)place.Nodes[2]);
        var ta = place.Tables[0].Table;
        var tb = place.Tables[1].Table;
        var tc = place.Tables[2].Table;
        for (var i = 0; i < text.Length; i++)
        {
            uint symbol = symbols[text[i]];
            uint nextA = ta[(a * SearchPatterns.Width) + symbol];
            uint nextB = tb[(b * SearchPatterns.Width) + symbol];
            uint nextC = tc[(c * SearchPatterns.Width) + symbol];
            var all = nextA | nextB | nextC;
            if (all >= SearchNodes.Special)
            {
                (place.Nodes[0], place.Nodes[1], place.Nodes[2]) = ((int)a, (int)b, (int)c);
                if (!Step(ref place, (int)symbol, at + i))
                {
                    return false;
                }

                (nextA, nextB, nextC) = ((uint)place.Nodes[0], (uint)place.Nodes[1], (uint)place.Nodes[2]);
                all = nextA | nextB | nextC;
                ta = place.Tables[0].Table;
                tb = place.Tables[1].Table;
                tc = place.Tables[2].Table;
            }

            (a, b, c) = (nextA, nextB, nextC);
            last = all < SearchNodes.Clear ? at + i + 1 : last;
        }

        clear = last;
        (place.Nodes[0], place.Nodes[1], place.Nodes[2]) = ((int)a, (int)b, (int)c);
        return true;
    }

    /// <summary>One symbol, where a node is not known or a match may have ended.</summary>
    private static bool Step(ref SievePlace place, int symbol, int at)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            int next = place.Tables[lane].Table[(place.Nodes[lane] * SearchPatterns.Width) + symbol];
            next = next == SearchNodes.Unknown ? place.Tables[lane].Make(place.Nodes[lane], symbol) : next;
            if (next == SearchNodes.Unknown)
            {
                return false;
            }

            if (next >= SearchNodes.Special)
            {
                place.Ended[lane] = at;
                place.FirstEnded[lane] = place.FirstEnded[lane] == 0 ? at : place.FirstEnded[lane];
            }

            place.Nodes[lane] = next & (SearchNodes.Special - 1);
        }

        return true;
    }

    /// <summary>The nodes of a lane, made anew where too many texts had need of others.</summary>
    private SearchNodes NodesOf(int lane)
    {
        var nodes = Volatile.Read(ref _nodes[lane]);
        if (nodes.IsSpent)
        {
            Interlocked.CompareExchange(ref _nodes[lane], new(_patterns[lane], _maxNodes), nodes);
            nodes = Volatile.Read(ref _nodes[lane]);
        }

        return nodes;
    }
}
