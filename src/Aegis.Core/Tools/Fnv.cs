namespace Aegis.Tools;

/// <summary>FNV-1a, 64 bits (Fowler, Noll, Vo): a fast identity where nobody gains from a collision.</summary>
internal static class Fnv
{
    public const ulong Start = 14_695_981_039_346_656_037;

    public static ulong Add(ulong hash, ushort value) => (hash ^ value) * 1_099_511_628_211;
}
