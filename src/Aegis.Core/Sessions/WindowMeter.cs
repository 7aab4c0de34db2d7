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

    /// <summary>The same for somebody who adds to it with an earlier time: what was there stays, and nothing is added before this.</summary>
    public WindowMeter At(DateTimeOffset latest) => BucketOf(latest.UtcTicks) > Bucket ? Add(latest, 0) : this;

    /// <summary>The same with all of it counted at a time, where that is later.</summary>
    public WindowMeter MovedTo(DateTimeOffset latest) =>
        BucketOf(latest.UtcTicks) is var bucket && bucket > Bucket ? this with { Bucket = bucket, Count = Older.IsDefaultOrEmpty ? Count : Older.Aggregate(Count, static (sum, older) => Sum(sum, older.Count)), Older = [] } : this;

    /// <summary>Takes back what was added at a time, as far as it still counts. Where somebody's clock was ahead it stands in a later part of the window than that; what has left the window is given back to nobody.</summary>
    public WindowMeter GiveBack(DateTimeOffset added, DateTimeOffset now, long amount)
    {
        var from = BucketOf(added.UtcTicks);
        if (from <= Math.Max(First(now) - 1, Bucket - Buckets))
        {
            return this;
        }

        var older = Older.IsDefaultOrEmpty ? [] : Older.ToArray();
        for (var i = 0; i < older.Length && amount > 0; i++)
        {
            if (older[i].Bucket >= from)
            {
                var taken = Math.Min(amount, older[i].Count);
                older[i].Count -= taken;
                amount -= taken;
            }
        }

        return this with { Count = Bucket >= from ? Count - Math.Min(amount, Count) : Count, Older = [.. older] };
    }

    /// <summary>The most that either of two says of every bucket; of one window, like all that is kept.</summary>
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
        return new(a.Account, last.Key, last.Value, [.. buckets.SkipLast(1).Where(entry => entry.Key >= last.Key - Buckets).Select(static entry => (entry.Key, entry.Value))]);
    }

    // Apart, because its closure would be paid for by every addition.
    private ImmutableArray<(long Bucket, long Count)> Kept(long first) => Older.IsDefaultOrEmpty ? [] : Older.RemoveAll(entry => entry.Bucket < first);

    /// <summary>What cannot be counted any more stays at the most that can.</summary>
    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private long First(DateTimeOffset now) => BucketOf(now.UtcTicks - Window);

    private long BucketOf(long ticks) => ticks / Math.Max(1, Window / Buckets);
}
