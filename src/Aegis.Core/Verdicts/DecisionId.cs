using System.Globalization;
using System.Security.Cryptography;

namespace Aegis;

/// <summary>Identity of one inspection: its event, its findings and what the app sees carry it. Unique, not secret.</summary>
/// <param name="Instance">Random per process.</param>
/// <param name="Number">Counts up within the process.</param>
public readonly record struct DecisionId(ulong Instance, ulong Number)
{
    private static readonly ulong ThisInstance = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private static ulong s_last;

    internal static DecisionId Next() => new(ThisInstance, Interlocked.Increment(ref s_last));

    /// <summary>32 hexadecimal digits.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Instance:x16}{Number:x16}");
}
