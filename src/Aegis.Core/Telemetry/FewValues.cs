using System.Collections.Concurrent;

namespace Aegis.Telemetry;

/// <summary>Keeps the values of a tag few: the first so many are themselves, all others are <c>other</c>. Thread-safe.</summary>
/// <param name="most">How many.</param>
internal sealed class FewValues(int most)
{
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private int _count;

    public string Of(string value)
    {
        if (_known.ContainsKey(value))
        {
            return value;
        }

        if (Volatile.Read(ref _count) >= most || Interlocked.Increment(ref _count) > most)
        {
            return Other;
        }

        if (!_known.TryAdd(value, true))
        {
            Interlocked.Decrement(ref _count);   // another thread has
        }

        return value;
    }
}
