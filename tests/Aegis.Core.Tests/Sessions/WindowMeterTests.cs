using CsCheck;

namespace Aegis.Core.Tests.Sessions;

public class WindowMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<long> Windows = Gen.Long[TimeSpan.TicksPerSecond, TimeSpan.TicksPerHour];

    /// <summary>Share of the window by which the clock moves (also back), and an amount.</summary>
    private static readonly Gen<(double Move, long Amount)[]> Histories = Gen.Select(Gen.OneOf(Gen.Double[0, 0.05], Gen.Double[0, 2.5], Gen.Double[-1, 0]), Gen.Long[1, 5]).Array[1, 120];

    [Fact]
    public void NoWindowEverHoldsMoreThanTheBudget() => Gen.Select(Windows, Gen.Long[1, 30], Histories).Sample(static (window, max, history) =>
    {
        var (meter, now, latest) = (Empty(window), 0L, long.MinValue);
        var granted = new List<(long At, long Amount)>();
        foreach (var (move, amount) in history)
        {
            now += (long)(move * window);
            if (meter.Used(At(now)) > max - amount)
            {
                continue;
            }

            meter = meter.Add(At(now), amount);
            latest = Math.Max(latest, now);   // what a clock that jumped back spends is spent when the meter was last used
            granted.Add((latest, amount));
            Assert.True(granted.Where(grant => grant.At > latest - window).Sum(static grant => grant.Amount) <= max);
        }
    }, iter: 2_000);

    [Fact]
    public void TheSumIsNeverTooLowAndTooHighByOneBucketAtMost() => Gen.Select(Windows, Histories).Sample(static (window, history) =>
    {
        var (meter, now) = (Empty(window), 0L);
        var spent = new List<(long At, long Amount)>();
        foreach (var (move, amount) in history)
        {
            now += (long)(Math.Abs(move) * window);
            meter = meter.Add(At(now), amount);
            spent.Add((now, amount));
            var used = meter.Used(At(now));
            Assert.True(used >= Sum(now - window), "too low");
            Assert.True(used <= Sum(now - window - (window / WindowMeter.Buckets) - 1), "too high");
            Assert.True(meter.Older.Length <= WindowMeter.Buckets + 2, "too large");
        }

        long Sum(long after) => spent.Where(entry => entry.At > after).Sum(static entry => entry.Amount);
    }, iter: 2_000);

    [Fact]
    public void AClockThatGoesBackGrantsNothing() => Gen.Select(Windows, Histories, Gen.Double[0, 3]).Sample(static (window, history, back) =>
    {
        var (meter, now) = (Empty(window), 0L);
        foreach (var (move, amount) in history)
        {
            now += (long)(Math.Abs(move) * window);
            meter = meter.Add(At(now), amount);
        }

        var earlier = now - (long)(back * window);
        Assert.True(meter.Used(At(earlier)) >= meter.Used(At(now)));
        Assert.Equal(meter.Used(At(now)) + 1, meter.Add(At(earlier), 1).Used(At(now)));
    }, iter: 2_000);

    [Fact]
    public void WhatWasSpentExpiresWithTheWindow() => Gen.Select(Windows, Histories).Sample(static (window, history) =>
    {
        var (meter, now) = (Empty(window), 0L);
        foreach (var (move, amount) in history)
        {
            now += (long)(Math.Abs(move) * window);
            meter = meter.Add(At(now), amount);
        }

        Assert.Equal(0, meter.Used(At(now + window + (window / WindowMeter.Buckets) + 1)));
        Assert.NotEqual(0, meter.Used(At(now + window - 1)));
    }, iter: 1_000);

    /// <summary>Whoever takes back what was spent, also when another clock was ahead, leaves at least what is kept, and exactly that as long as all of it is in the window.</summary>
    [Fact]
    public void WhatIsGivenBackIsNeverWhatOthersSpent() => Gen.Select(Windows, Gen.Select(Gen.Double[-0.2, 0.3], Gen.Long[1, 5], Gen.Bool).Array[1, 60]).Sample(static (window, history) =>
    {
        var (meter, now, latest) = (Empty(window), 0L, 0L);
        var (kept, taken) = (new List<(long At, long Amount)>(), new List<(long Said, long At, long Amount)>());
        foreach (var (move, amount, comesBack) in history)
        {
            now = Math.Max(0, now + (long)(move * window));
            latest = Math.Max(latest, now);
            meter = meter.Add(At(now), amount);   // by a clock that may be behind
            if (comesBack)
            {
                taken.Add((now, latest, amount));
            }
            else
            {
                kept.Add((latest, amount));
            }

            if (taken.Count > 2)
            {
                var (said, _, much) = taken[0];
                taken.RemoveAt(0);
                meter = meter.GiveBack(At(said), At(latest), much);
            }

            Assert.True(meter.Used(At(latest)) >= kept.Concat(taken.Select(static one => (one.At, one.Amount))).Where(one => one.At > latest - window).Sum(static one => one.Amount), "too low");
        }
    }, iter: 5_000);

    [Fact]
    public void WhatIsGivenBackInTimeComesBackWhole() => Gen.Select(Windows, Gen.Select(Gen.Double[0, 0.9], Gen.Double[0, 0.9], Gen.Long[1, 9]).Array[1, 40]).Sample(static (window, spends) =>
    {
        var meter = Empty(window);
        foreach (var (at, _, amount) in spends.OrderBy(static spend => spend.Item1))
        {
            meter = meter.Add(At((long)(at * window)), amount);
        }

        foreach (var (at, _, amount) in spends.OrderBy(static spend => spend.Item2))
        {
            meter = meter.GiveBack(At((long)(at * window)), At((long)(0.9 * window)), amount);
        }

        Assert.Equal(0, meter.Used(At((long)(0.9 * window))));
    }, iter: 2_000);

    [Fact]
    public void WhatHasLeftTheWindowIsGivenBackToNobody()
    {
        var meter = Empty(TimeSpan.TicksPerMinute).Add(Start, 5).Add(Start.AddSeconds(70), 3);
        Assert.Equal(3, meter.GiveBack(Start, Start.AddSeconds(70), 5).Used(Start.AddSeconds(70)));
    }

    [Fact]
    public void AHugeAmountStaysSpent()
    {
        var meter = Empty(TimeSpan.TicksPerMinute).Add(Start, long.MaxValue).Add(Start, 1).Add(Start.AddSeconds(10), long.MaxValue);

        Assert.Equal(long.MaxValue, meter.Used(Start.AddSeconds(10)));
    }

    private static WindowMeter Empty(long window) => new(new("k", window), 0, 0, []);

    private static DateTimeOffset At(long ticks) => Start.AddTicks(ticks);
}
