using System.Collections.Immutable;

namespace Aegis;

/// <summary>
/// How much was spent in a sliding window, in 64 buckets of which only those with something in them are kept. The bucket that the window's
/// edge cuts counts in full, so the sum is never too low: a budget on it is never over-granted.
/// </summary>
internal readonly record struct WindowMeter(MeterKey Account, long Bucket, long Count, ImmutableArray<(long Bucket, long Count)> Older)
{
    public const int Buckets = 64;

    public string Key => Account.Name;

    private long Window => Account.Window;

    public long Used(DateTimeOffset now)
    {
        var first = First(now);
        var used = Bucket >= first ? Count : 0;
        if (!Older.IsDefaultOrEmpty)
        {
            foreach (var (bucket, count) in Older)
            {
                used = bucket >= first ? Sum(used, count) : used;
            }
        }

        return used;
    }

    public WindowMeter Add(DateTimeOffset now, long amount)
    {
        var bucket = Math.Max(BucketOf(now.UtcTicks), Bucket);   // a clock that jumps back grants nothing
        if (bucket == Bucket)
        {
            return this with { Count = Sum(Count, amount) };
        }

        var older = Kept(First(now));
        return this with { Bucket = bucket, Count = amount, Older = Count > 0 && Bucket >= First(now) ? older.Add((Bucket, Count)) : older };
    }

    /// <summary>Takes back what was added at a time, as far as it still stands in its bucket.</summary>
    public WindowMeter GiveBack(DateTimeOffset added, long amount)
    {
        var bucket = BucketOf(added.UtcTicks);
        return bucket == Bucket ? this with { Count = Math.Max(0, Count - amount) }
            : Older.IsDefaultOrEmpty ? this
            : this with { Older = [.. Older.Select(entry => entry.Bucket == bucket ? (bucket, Math.Max(0, entry.Count - amount)) : entry)] };
    }

    /// <summary>The most that either of two says of every bucket.</summary>
    public static WindowMeter Most(WindowMeter a, WindowMeter b)
    {
        if (a.Account.Window != b.Account.Window)
        {
            return a.Account.Window > b.Account.Window ? a : b;   // the policy has changed in between
        }

        var buckets = new SortedDictionary<long, long>();
        foreach (var (bucket, count) in (ReadOnlySpan<(long, long)>)[(a.Bucket, a.Count), (b.Bucket, b.Count), .. a.Older, .. b.Older])
        {
            buckets[bucket] = Math.Max(count, buckets.GetValueOrDefault(bucket));
        }

        var last = buckets.Last();
        return new(a.Account, last.Key, last.Value, [.. buckets.SkipLast(1).Select(static entry => (entry.Key, entry.Value))]);
    }

    // Apart, because its closure would be paid for by every addition.
    private ImmutableArray<(long Bucket, long Count)> Kept(long first) => Older.IsDefaultOrEmpty ? [] : Older.RemoveAll(entry => entry.Bucket < first);

    /// <summary>What cannot be counted any more stays at the most that can.</summary>
    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private long First(DateTimeOffset now) => BucketOf(now.UtcTicks - Window);

    private long BucketOf(long ticks) => ticks / Math.Max(1, Window / Buckets);
}
