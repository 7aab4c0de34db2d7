using System.Collections;
using System.Runtime.InteropServices;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// Few symbols for many patterns, one look a character: outside ASCII, characters of a kind whose numbers end alike are one symbol, which a set has if it
/// has one of them. Immutable.
/// </summary>
internal sealed class SearchAlphabet : ISymbolSets
{
    private const int Ascii = 0x80;
    private const int Ends = 16;
    private const int Groups = Ascii + (CharacterKinds.Count * Ends);   // fewer than a byte tells apart
    private const string Often = " etaoinsrhldcumfpgwybvk,.\n-0'1xj";   // these stand together in memory

    private readonly byte[] _symbols;   // of all characters
    private readonly BitArray[] _members;   // of each symbol: the sets that have it, and whether it is of a word

    private SearchAlphabet(byte[] symbols, BitArray[] members) => (_symbols, _members) = (symbols, members);

    /// <summary>The symbol of each character.</summary>
    public byte[] Symbols => _symbols;

    /// <param name="exact">The symbols that the patterns tell apart.</param>
    /// <param name="sets">How many sets they name.</param>
    public static SearchAlphabet Of(Alphabet exact, int sets)
    {
        var groups = new bool[]?[Groups];   // the symbols of each
        for (var c = 0; c <= char.MaxValue; c++)
        {
            (groups[GroupOf((char)c)] ??= new bool[exact.Count])[exact.Of((char)c)] = true;
        }

        var (symbols, numbers) = (new byte[Groups], new Dictionary<BitArray, int>(new SameBits()));   // groups that no set tells apart are one symbol
        var rows = Enumerable.Range(0, exact.Count).Select(symbol => RowOf(exact, sets, symbol)).ToArray();
        foreach (var group in Often.Select(static c => (int)c).Concat(Enumerable.Range(0, Groups)))
        {
            var row = new BitArray(sets + 1);
            for (var symbol = 0; symbol < exact.Count; symbol++)
            {
                if (groups[group]?[symbol] == true)
                {
                    row.Or(rows[symbol]);
                }
            }

            if (!numbers.TryGetValue(row, out var number))
            {
                numbers.Add(row, number = numbers.Count);
            }

            symbols[group] = (byte)number;
        }

        return new([.. Enumerable.Range(0, char.MaxValue + 1).Select(c => symbols[GroupOf((char)c)])], [.. numbers.OrderBy(static pair => pair.Value).Select(static pair => pair.Key)]);
    }

    /// <summary>Whether a symbol is of a word.</summary>
    public bool IsOfWord(int symbol) => _members[symbol][^1];

    public bool Has(int set, int symbol) => _members[symbol][set];

    private static BitArray RowOf(Alphabet exact, int sets, int symbol)
    {
        var row = new BitArray(sets + 1);
        for (var set = 0; set < sets; set++)
        {
            row[set] = exact.Has(set, symbol);
        }

        row[sets] = exact.IsOfWord(symbol);
        return row;
    }

    private static int GroupOf(char c) => c < Ascii ? c : Ascii + ((int)CharacterKinds.Of(c) * Ends) + (c % Ends);

    private sealed class SameBits : IEqualityComparer<BitArray>
    {
        public bool Equals(BitArray? x, BitArray? y) => Words(x!).AsSpan().SequenceEqual(Words(y!));

        public int GetHashCode(BitArray obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(Words(obj).AsSpan()));
            return hash.ToHashCode();
        }

        private static int[] Words(BitArray bits)
        {
            var words = new int[(bits.Length + 31) / 32];
            bits.CopyTo(words, 0);
            return words;
        }
    }
}
