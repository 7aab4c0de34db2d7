using System.Runtime.CompilerServices;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>Where a <see cref="Sieve"/> stands in a text.</summary>
internal struct SievePlace
{
    /// <summary>The tables with which each lane is read.</summary>
    public Each<SearchNodes> Tables;

    /// <summary>The node that each has reached.</summary>
    public Each<int> Nodes;

    /// <summary>The last position at which a match of each may have ended; stays where there is none.</summary>
    public Each<int> Ended;

    /// <summary>The first one since it was set to 0.</summary>
    public Each<int> FirstEnded;

    /// <summary>One for each lane.</summary>
    [InlineArray(Sieve.Lanes)]
    internal struct Each<T>
    {
        private T _first;
    }
}
