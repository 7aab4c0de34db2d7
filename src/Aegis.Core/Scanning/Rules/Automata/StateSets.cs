using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>The sets of states that texts have reached, each once.</summary>
internal sealed class StateSets
{
    private const int MaxWays = 16_384;   // 128 KB: sets times symbols
    private const int Max = 1_024;
    private const int Min = 64;

    private readonly ConcurrentDictionary<int[], StateSet> _known = new(1, 7, new SameNumbers());
    private readonly int _symbols;
    private readonly StateSet _first;
    private readonly StateSet _firstAfterWord;
    private int _count;

    public StateSets(int symbols, int start)
    {
        _symbols = symbols;
        _first = Of([start], false);
        _firstAfterWord = Of([start], true);
    }

    public bool IsFull => Volatile.Read(ref _count) >= Math.Clamp(MaxWays / _symbols, Min, Max);

    /// <summary>Where a text begins.</summary>
    public StateSet First(bool isAfterWord) => isAfterWord ? _firstAfterWord : _first;

    /// <summary>Whether nothing has been read that a match could begin with.</summary>
    public bool IsFirst(StateSet set) => ReferenceEquals(set, _first) || ReferenceEquals(set, _firstAfterWord);

    public StateSet Of(ReadOnlySpan<int> states, bool isAfterWord)
    {
        int[] key = [.. states, isAfterWord ? 1 : 0];
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var set = new StateSet(key, _symbols);
        known = _known.GetOrAdd(key, set);
        if (ReferenceEquals(known, set))
        {
            Interlocked.Increment(ref _count);
        }

        return known;
    }

    private sealed class SameNumbers : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(obj.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
