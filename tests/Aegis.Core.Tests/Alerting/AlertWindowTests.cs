using Aegis.Alerting;
using CsCheck;

namespace Aegis.Core.Tests.Alerting;

/// <summary>Windows against a list of everything.</summary>
public class AlertWindowTests
{
    [Fact]
    public void ACountIsThatOfAListForAnyEventsAndAnyWindow() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[1, 40], Gen.Int[0, 15].Array[0, 200]).Sample(static (threshold, length, steps) =>
        {
            var (window, all, now) = (new CountWindow(threshold, length), new List<long>(), 0L);
            foreach (var step in steps)
            {
                now += step;
                window.Add(now, 1, 0);
                all.Add(now);
                foreach (var at in new[] { now, now + (length / 2), now + length - 1, now + length })
                {
                    var inside = all.Count(stamp => at - stamp < length);
                    Assert.Equal(inside > threshold, window.Exceeds(at));
                    Assert.Equal(Math.Min(inside, threshold + 1), window.Read(at));
                }

                if (window.Exceeds(now))
                {
                    Assert.True(window.Exceeds(window.NextLook(now) - 1));
                    Assert.False(window.Exceeds(window.NextLook(now)));   // it is over then, and not before, if nothing comes
                }
            }
        });

    [Fact]
    public void ASumIsThatOfAListWhileAThousandEntriesAreInTheWindow() =>
        Gen.Select(Gen.Int[1, 200], Gen.Select(Gen.Int[0, 15], Gen.Int[0, 9], Gen.Int[0, 9]).Array[0, 300]).Sample(static (length, steps) =>
        {
            var (window, all, now) = (new SumWindow(length, AlertCounter.ShareJudge(0.5m, 10), waits: true), new List<(long At, int A, int B)>(), 0L);
            foreach (var (step, a, b) in steps)
            {
                now += step;
                window.Add(now, a, b);
                all.Add((now, a, b));
                var inside = all.Where(entry => now - entry.At < length).ToList();
                var (hits, others) = (inside.Sum(static entry => entry.A), inside.Sum(static entry => entry.B));
                Assert.Equal(hits + others == 0 ? 0 : (decimal)hits / (hits + others), window.Read(now));
                Assert.Equal(hits + others >= 10 && (decimal)hits / (hits + others) > 0.5m, window.Exceeds(now));
            }
        });

    /// <summary>Beyond that it may count something for a 256th of the window too long, and never too short.</summary>
    [Fact]
    public void ASumOfAFloodIsNeverTooSmallAndCountsNothingMuchTooLong() =>
        Gen.Select(Gen.Int[2_000, 100_000], Gen.Int[0, 3].Array[3_000, 8_000]).Sample(static (length, steps) =>
        {
            var (window, all, now) = (new SumWindow(length, AlertCounter.CostJudge(0), waits: false), new Queue<long>(), 0L);
            for (var i = 0; i < steps.Length; i++)
            {
                now += steps[i];
                window.Add(now, 1, 0);
                all.Enqueue(now);
                while (now - all.Peek() >= length + (length / 256))
                {
                    all.Dequeue();
                }

                if (i % 97 == 0)
                {
                    var counted = (long)(window.Read(now) * AlertRule.Micros);
                    Assert.InRange(counted, all.Count(at => now - at < length), all.Count);
                }
            }

            Assert.InRange(window.Slots, 1, SumWindow.Most * 4);
        }, iter: 30);

    /// <summary>Where many have to share the room, it is 1/64, and then 1/16.</summary>
    [Fact]
    public void AWindowThatIsMadeCoarserIsNeverTooSmallAndCountsNothingMuchTooLong() =>
        Gen.Select(Gen.Int[2_000, 100_000], Gen.Int[0, 2_000], Gen.Bool, Gen.Int[0, 3].Array[3_000, 6_000]).Sample(static (length, threshold, isSum, steps) =>
        {
            AlertWindow window = isSum ? new SumWindow(length, AlertCounter.CountJudge(int.MaxValue), waits: false) : new CountWindow(threshold, length);
            var (all, now, parts) = (new List<long>(), 0L, 256);
            for (var i = 0; i < steps.Length; i++)
            {
                now += steps[i];
                window.Add(now, 1, 0);
                all.Add(now);
                if (i == steps.Length / 3 || i == steps.Length / 2)
                {
                    parts /= 4;
                    window = window.Coarser(parts);
                    Assert.InRange(window.Slots, 1, Math.Max(SumWindow.SlotsOf(parts), 4));
                }

                if (i % 97 == 0)
                {
                    var least = all.Count(at => now - at < length);
                    var most = all.Count(at => now - at < length + (length / parts));
                    Assert.InRange(window.Read(now), isSum ? least : Math.Min(least, threshold + 1), isSum ? most : Math.Min(most, threshold + 1));
                    Assert.True(isSum || least <= threshold || window.Exceeds(now));
                    Assert.False(window.IsEmpty(now));
                }
            }

            Assert.True(window.IsEmpty(now + length + (length / parts)));
        }, iter: 30);

    /// <summary>Promise P39, by counting what is done and not by the clock.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(100_000)]
    public void AMillionEventsCostOneWriteEach(int threshold)
    {
        var (count, sum) = (new CountWindow(threshold, 1_000_000), new SumWindow(1_000_000, AlertCounter.CostJudge(threshold), waits: false));
        for (var i = 0; i < 1_000_000; i++)
        {
            count.Add(i / 2, 1, 0);
            sum.Add(i / 2, 1, 0);
        }

        Assert.True(count.Moved <= 2L * (threshold + 1), $"{count.Moved}");   // it has grown to its size once
        Assert.Equal(threshold + 1, count.Slots);
        Assert.True(sum.Moved <= 3_000_000, $"{sum.Moved}");   // three moves for an entry, however many there are
        Assert.True(sum.Slots <= SumWindow.Most * 4);
        Assert.True(count.Exceeds(500_000));
    }
}
