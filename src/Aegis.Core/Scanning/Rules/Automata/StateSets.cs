using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>The sets of states that texts have reached, each once.</summary>
internal sealed class StateSets
{
    private const int OwnWays = 16_384;      // sets times symbols, 8 bytes each, that every automaton may keep
    private const int MostWays = 131_072;    // and that it may keep while not too many are kept
    private const int AllWays = 4_194_304;   // by all together: 32 MB
    private const int Min = 64;              // sets

    private static int _held;   // ways, of all automata

    private readonly ConcurrentDictionary<int[], StateSet> _known = new(1, 7, new SameNumbers());
    private readonly int _symbols;
    private readonly StateSet _first;
    private readonly StateSet _firstAfterWord;
    private int _count;
    private int _isLeft;

    public StateSets(int symbols, int start)
    {
        _symbols = symbols;
        _first = Of([start], false);
        _firstAfterWord = Of([start], true);
    }

    /// <summary>Those of rules that are gone, as guards with packs of their own may be.</summary>
    ~StateSets() => Leave();

    public bool IsFull => Volatile.Read(ref _count) is var count && count >= Min && count * _symbols >= (Volatile.Read(ref _held) < AllWays ? MostWays : OwnWays);

    /// <summary>These are left: others may keep as many.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _isLeft, 1) == 0)
        {
            Interlocked.Add(ref _held, -Volatile.Read(ref _count) * _symbols);
        }
    }

    /// <summary>Where a text begins.</summary>
    public StateSet First(bool isAfterWord) => isAfterWord ? _firstAfterWord : _first;

    public StateSet Of(ReadOnlySpan<int> states, bool isAfterWord, bool isClosed = false)
    {
        int[] key = [.. states, (isAfterWord ? StateSet.AfterWord : 0) | (isClosed ? StateSet.NoFurther : 0)];
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var set = new StateSet(key, _symbols);
        known = _known.GetOrAdd(key, set);
        if (ReferenceEquals(known, set))
        {
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _held, Volatile.Read(ref _isLeft) == 0 ? _symbols : 0);
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
