using System.Runtime.InteropServices;

namespace Aegis.Scanning.Rules.Automata;

/// <summary>Compares rows of numbers, such as states, and their flags by what is in them.</summary>
internal sealed class SameNumbers : IEqualityComparer<(int[] Numbers, int Flags)>
{
    public bool Equals((int[] Numbers, int Flags) x, (int[] Numbers, int Flags) y) => x.Flags == y.Flags && x.Numbers.AsSpan().SequenceEqual(y.Numbers);

    public int GetHashCode((int[] Numbers, int Flags) obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(obj.Numbers.AsSpan()));
        hash.Add(obj.Flags);
        return hash.ToHashCode();
    }
}
