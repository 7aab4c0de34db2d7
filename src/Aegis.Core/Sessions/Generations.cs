using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Aegis;

/// <summary>A bounded, thread-safe dictionary in two generations: when the young one is full it becomes the old one, and what the old one held is forgotten.</summary>
internal sealed class Generations<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Lock _rotation = new();
    private readonly Lock _adding = new();
    private volatile ConcurrentDictionary<TKey, TValue> _young = new();
    private volatile ConcurrentDictionary<TKey, TValue> _old = new();
    private int _count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _young.TryGetValue(key, out value) || _old.TryGetValue(key, out value);

    /// <summary>The value of a key; the first who asks makes it.</summary>
    public TValue GetOrAdd(TKey key, Func<TValue> make)
    {
        if (TryGet(key, out var value))
        {
            return value;
        }

        lock (_adding)
        {
            if (!TryGet(key, out value))
            {
                Set(key, value = make());
            }

            return value;
        }
    }

    public void Set(TKey key, TValue value)
    {
        _young[key] = value;
        if (Interlocked.Increment(ref _count) < capacity / 2)
        {
            return;
        }

        lock (_rotation)
        {
            if (_count >= capacity / 2)
            {
                (_old, _young, _count) = (_young, new(), 0);
            }
        }
    }
}
