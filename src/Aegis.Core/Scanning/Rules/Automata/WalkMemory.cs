using System.Collections.Concurrent;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>What walks need to remember, kept for the next one. Positions are counted on from walk to walk, so that nothing is cleared between them.</summary>
internal sealed class WalkMemory
{
    private const int MaxPool = 16;
    private const int MaxKept = 1 << 20;   // numbers

    private static readonly ConcurrentBag<WalkMemory> Pool = [];

    private int _next = 1;

    /// <summary>Positions of walks before, all of them less than what <see cref="Begin"/> gives.</summary>
    public int[] Stamps { get; private set; } = [];

    /// <summary>What each walk writes before it reads it.</summary>
    public int[] Values { get; private set; } = [];

    /// <param name="stamps">How many <see cref="Stamps"/> are needed.</param>
    /// <param name="values">How many <see cref="Values"/>.</param>
    public static WalkMemory Take(int stamps, int values)
    {
        var memory = Pool.TryTake(out var kept) ? kept : new();
        memory.Stamps = memory.Stamps.Length < stamps ? new int[stamps] : memory.Stamps;
        memory.Values = memory.Values.Length < values ? new int[values] : memory.Values;
        return memory;
    }

    /// <summary>What is to be added to the positions of a text, the last of which is its length.</summary>
    public int Begin(int length)
    {
        if (_next >= int.MaxValue - length - 1)
        {
            Array.Clear(Stamps);
            _next = 1;
        }

        var first = _next;
        _next += length + 1;
        return first;
    }

    public void Return()
    {
        if (Pool.Count < MaxPool && Stamps.Length + Values.Length <= MaxKept)
        {
            Pool.Add(this);
        }
    }
}
