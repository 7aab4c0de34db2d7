namespace Aegis.Scanning.Classifying;

/// <summary>
/// Reads a canonical text once, from left to right, as what the classifier knows: each word and each two in a row (by their hash), each concept, each
/// two concepts near each other in either order, and each two close together in their order. What stands in a window more than once counts once.
/// </summary>
internal ref struct FeatureReader<TSink>
    where TSink : IFeatureSink, allows ref struct
{
    private const int Near = 8 * TextUnits.Word;
    private const int Close = 3 * TextUnits.Word;
    private const int MaxRecent = 16;
    private const int MaxPrefix = 4;             // letters before the stem of a word of an Arabic or Hebrew script

    private readonly ConceptLexicon _lexicon;
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<long> _seen;      // feature and the unit where it counted, by its last bits
    private readonly Span<long> _recent;    // unit and id of the latest concepts, in turn
    private readonly int _concepts;
    private TSink _sink;
    private int _unit = -1;
    private int _conceptEnd;   // what the latest concept's words took
    private int _recentCount;
    private uint _previous;

    private FeatureReader(ConceptLexicon lexicon, ReadOnlySpan<char> text, Span<long> memory, TSink sink)
    {
        _lexicon = lexicon;
        _text = text;
        _seen = memory[..FeatureReader.Slots];
        _recent = memory.Slice(FeatureReader.Slots, MaxRecent);
        _concepts = lexicon.Names.Count;
        _sink = sink;
        _seen.Fill(-1);
    }

    /// <param name="lexicon">The concepts.</param>
    /// <param name="text">The text.</param>
    /// <param name="memory"><see cref="FeatureReader.MemorySize"/> numbers.</param>
    /// <param name="sink">Hears of the features.</param>
    /// <returns>The sink.</returns>
    public static TSink Read(ConceptLexicon lexicon, ReadOnlySpan<char> text, Span<long> memory, TSink sink)
    {
        var reader = new FeatureReader<TSink>(lexicon, text, memory, sink);
        for (var at = 0; at < text.Length;)
        {
            at = reader.Read(at);
        }

        return reader._sink;
    }

    /// <summary>Reads a word, or a character that is no word's.</summary>
    /// <returns>The position behind it.</returns>
    private int Read(int at)
    {
        var c = _text[at];
        if (TextUnits.IsUnspaced(c))
        {
            Begin(at, 1);
            AddWord(FeatureReader.Hash(FeatureReader.Basis, c));
            AddConcept(at, isWordStart: true);
            return at + 1;
        }

        if (!TextUnits.IsWord(c))
        {
            if (c is > ' ' and < '\u0080' && _unit >= 0)
            {
                AddConcept(at, isWordStart: true);
            }

            return at + 1;
        }

        Begin(at, TextUnits.Word);
        var (hash, end) = (FeatureReader.Basis, at);
        for (; end < _text.Length && TextUnits.IsWord(_text[end]) && !TextUnits.IsUnspaced(_text[end]); end++)
        {
            hash = FeatureReader.Hash(hash, _text[end]);
        }

        AddWord(hash);
        AddConcept(at, isWordStart: true);
        if (c is >= '\u0590' and <= '\u07FF')
        {
            for (var i = 1; i <= MaxPrefix && at + i < end; i++)
            {
                AddConcept(at + i, isWordStart: false);
            }
        }

        return end;
    }

    private void Begin(int start, int units)
    {
        _unit += units;
        _sink.Begin(start, units);
    }

    private void AddWord(uint hash)
    {
        Add(FeatureReader.Word(_concepts, hash));
        if (_previous != 0)
        {
            Add(FeatureReader.Pair(_concepts, _previous, hash));
        }

        _previous = hash;
    }

    private void AddConcept(int at, bool isWordStart)
    {
        if (at < _conceptEnd)
        {
            return;
        }

        var (id, end) = _lexicon.Longest(_text, at, isWordStart);
        if (id < 0)
        {
            return;
        }

        _conceptEnd = end;
        Add(id);
        for (var i = 1; i <= Math.Min(_recentCount, MaxRecent); i++)
        {
            var recent = _recent[(_recentCount - i) % MaxRecent];
            var (unit, other) = ((int)(recent >> 32), (int)recent);
            if (_unit - unit > Near)
            {
                break;
            }

            if (other != id)
            {
                Add(FeatureReader.Either(_concepts, id, other));
                if (_unit - unit <= Close)
                {
                    Add(FeatureReader.Ordered(_concepts, other, id));
                }
            }
        }

        _recent[_recentCount++ % MaxRecent] = ((long)_unit << 32) | (uint)id;
    }

    private void Add(int feature)
    {
        if (_sink.Ignores(feature))
        {
            return;
        }

        ref var seen = ref _seen[feature & (FeatureReader.Slots - 1)];
        if (seen >= 0 && (int)(seen >> 32) == feature && _unit - (int)seen < FeatureReader.Window)
        {
            _sink.Move(feature, _unit - (int)seen);   // else it would leave the window with its first place, and not count where it stands again
        }
        else
        {
            _sink.Add(feature);
        }

        seen = ((long)feature << 32) | (uint)_unit;
    }
}
