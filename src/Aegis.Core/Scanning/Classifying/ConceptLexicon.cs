using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Classifying;

/// <summary>What words mean the same across languages (<c>concepts.txt</c>): a tree of their letters. Immutable.</summary>
internal sealed class ConceptLexicon
{
    private const int Ascii = 0x80;
    private const int Latin = 26;
    private const int Bits = 64;
    private const int None = -1;

    private static readonly Lazy<ConceptLexicon> Own = new(static () => new(Lines()));

    private readonly List<string> _names = [];
    private readonly uint _mark = FeatureReader.Basis ^ FeatureReader.Version;
    private readonly int[] _roots = new int[Ascii];          // nodes of ASCII first letters; 0: none
    private readonly int[] _pairs = new int[Latin * Latin];    // nodes of two letters from a to z; 0: none
    private readonly ulong[] _triples = new ulong[(Latin * Latin * Latin / Bits) + 1];   // a bit for each three letters from a to z: whether a concept may begin with them
    private readonly char[] _letters;                 // of each node
    private readonly int[] _firstChildren;            // of each node, and one more: children stand in a row, in the order of their letters
    private readonly Concept[]?[] _ends;              // of each node

    /// <param name="lines">A concept's name, a colon and its words; what begins with <c>#</c> is a remark.</param>
    public ConceptLexicon(IEnumerable<string> lines)
    {
        var concepts = new List<Concept>();
        foreach (var line in lines.Where(static line => line.Length > 0 && line[0] != '#'))
        {
            _mark = FeatureReader.Hash(_mark, line);
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            _names.Add(line[..colon]);
            concepts.AddRange(Words(line[(colon + 1)..]).Select(word => Concept.Parse(word, CanonicalText.Fold(word.Trim('*')), _names.Count - 1)));
        }

        concepts = [.. concepts.DistinctBy(static concept => (concept.Text, concept.BeginsWord, concept.EndsWord))];   // what stands under two names has the first
        concepts = [.. concepts.OrderBy(static concept => concept.Text, StringComparer.Ordinal).ThenBy(static concept => concept.EndsWord).ThenBy(static concept => concept.BeginsWord)];   // the last that fits counts: a whole word before a stem
        var (letters, firsts, ends) = (new List<char> { '\0' }, new List<int>(), new List<Concept[]?> { null });
        var ranges = new List<(int From, int To, int Depth)> { (0, concepts.Count, 0) };
        for (var node = 0; node < ranges.Count; node++)
        {
            firsts.Add(ranges.Count);
            var (from, to, depth) = ranges[node];
            while (from < to && concepts[from].Text.Length == depth)
            {
                from++;
            }

            while (from < to)
            {
                var (letter, end) = (concepts[from].Text[depth], from);
                while (end < to && concepts[end].Text[depth] == letter)
                {
                    end++;
                }

                letters.Add(letter);
                ranges.Add((from, end, depth + 1));
                var deeper = from;
                while (deeper < end && concepts[deeper].Text.Length == depth + 1)
                {
                    deeper++;
                }

                ends.Add(deeper == from ? null : [.. concepts[from..deeper]]);
                if (node == 0 && letter < Ascii)
                {
                    _roots[letter] = ranges.Count - 1;
                }

                from = end;
            }
        }

        (_letters, _firstChildren, _ends) = ([.. letters], [.. firsts, ranges.Count], [.. ends]);
        for (var i = 0; i < _pairs.Length; i++)
        {
            var root = _roots['a' + (i / Latin)];
            _pairs[i] = root == 0 ? 0 : Math.Max(0, Child(root, (char)('a' + (i % Latin))));
            for (var third = 0; third < Latin; third++)
            {
                var mayBegin = HasStem(root) || HasStem(_pairs[i]) || (_pairs[i] > 0 && Child(_pairs[i], (char)('a' + third)) > 0);
                _triples[((i * Latin) + third) / Bits] |= mayBegin ? 1UL << (((i * Latin) + third) % Bits) : 0;
            }
        }

        bool HasStem(int node) => _ends[node]?.Any(static concept => !concept.EndsWord) == true;
    }

    /// <summary>The one that Aegis brings.</summary>
    public static ConceptLexicon BuiltIn => Own.Value;

    /// <summary>What tells it from other lexicons and ways of reading: weights belong to one.</summary>
    public uint Mark => _mark;

    /// <summary>Names of the concepts, by id.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The longest word of a concept at a place.</summary>
    /// <param name="text">Canonical.</param>
    /// <param name="at">The place.</param>
    /// <param name="isWordStart">Whether a word begins there.</param>
    /// <returns>The concept and the position behind it; id −1: none.</returns>
    public (int Id, int End) Longest(ReadOnlySpan<char> text, int at, bool isWordStart)
    {
        var (id, behind) = (None, at);
        if (at + 2 < text.Length && Triple(text.Slice(at, 3)) is >= 0 and var triple && ((_triples[triple / Bits] >> (triple % Bits)) & 1) == 0)
        {
            return (id, behind);   // as with most words
        }

        var node = text[at] < Ascii ? _roots[text[at]] : Child(0, text[at]);
        for (var end = at + 1; node > 0; end++)
        {
            if (_ends[node] is { } concepts)
            {
                foreach (var concept in concepts)
                {
                    if ((isWordStart || !concept.BeginsWord) && !(concept.EndsWord && end < text.Length && TextUnits.IsWord(text[end])))
                    {
                        (id, behind) = (concept.Id, end);
                    }
                }
            }

            node = end >= text.Length ? None : end == at + 1 ? Second(node, text[at], text[end]) : Child(node, text[end] == '\n' ? ' ' : text[end]);
        }

        return (id, behind);
    }

    /// <summary>The number of three letters from a to z; negative: they are others.</summary>
    private static int Triple(ReadOnlySpan<char> letters)
    {
        var (first, second, third) = ((uint)(letters[0] - 'a'), (uint)(letters[1] - 'a'), (uint)(letters[2] - 'a'));
        return first < Latin && second < Latin && third < Latin ? (int)((((first * Latin) + second) * Latin) + third) : None;
    }

    /// <summary>Where most words end to be words of concepts.</summary>
    private int Second(int root, char first, char second)
    {
        var (row, column) = ((uint)(first - 'a'), (uint)(second - 'a'));
        return row < Latin && column < Latin ? _pairs[(row * Latin) + column] : Child(root, second == '\n' ? ' ' : second);
    }

    private static string[] Lines()
    {
        using var reader = new StreamReader(typeof(ConceptLexicon).Assembly.GetManifestResourceStream("concepts.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What stands between blanks or quotes.</summary>
    private static IEnumerable<string> Words(string line) =>
        line.Split('"').Index().SelectMany(static part => part.Index % 2 == 1 ? [part.Item] : part.Item.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private int Child(int node, char letter)
    {
        var (first, end) = (_firstChildren[node], _firstChildren[node + 1]);
        if (end - first > 8)
        {
            var found = _letters.AsSpan(first, end - first).BinarySearch(letter);
            return found >= 0 ? first + found : None;
        }

        for (var child = first; child < end; child++)
        {
            if (_letters[child] == letter)
            {
                return child;
            }
        }

        return None;
    }
}
