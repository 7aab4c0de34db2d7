using System.Runtime.InteropServices;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>Nodes are the same that have the same states, in order, and the same flags.</summary>
internal sealed class SameStates : IEqualityComparer<(int[] States, int Flags)>
{
    public bool Equals((int[] States, int Flags) x, (int[] States, int Flags) y) => x.Flags == y.Flags && x.States.AsSpan().SequenceEqual(y.States);

    public int GetHashCode((int[] States, int Flags) obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(obj.States.AsSpan()));
        hash.Add(obj.Flags);
        return hash.ToHashCode();
    }
}
