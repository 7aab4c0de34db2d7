using System.Collections.Concurrent;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>The sets of states that texts have reached, each once.</summary>
internal sealed class StateSets
{
    private const int Max = 512;

    private readonly ConcurrentDictionary<StateSet, StateSet> _known = new(1, 7, new SameStates());
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

    public bool IsFull => Volatile.Read(ref _count) >= Max;

    /// <summary>Where a text begins.</summary>
    public StateSet First(bool isAfterWord) => isAfterWord ? _firstAfterWord : _first;

    public StateSet Of(int[] states, bool isAfterWord)
    {
        var set = new StateSet(states, isAfterWord, _symbols);
        var known = _known.GetOrAdd(set, set);
        if (ReferenceEquals(known, set))
        {
            Interlocked.Increment(ref _count);
        }

        return known;
    }

    private sealed class SameStates : IEqualityComparer<StateSet>
    {
        public bool Equals(StateSet? x, StateSet? y) => x!.IsAfterWord == y!.IsAfterWord && x.States.AsSpan().SequenceEqual(y.States);

        public int GetHashCode(StateSet obj)
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(obj.States.AsSpan()));
            hash.Add(obj.IsAfterWord);
            return hash.ToHashCode();
        }
    }
}
