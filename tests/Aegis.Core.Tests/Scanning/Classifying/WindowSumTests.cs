using Aegis.Scanning.Classifying;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Classifying;

public class WindowSumTests
{
    /// <summary>Units of one character each, with their features.</summary>
    private static readonly Gen<int[][]> Units = Gen.Int[0, 9].Array[0, 3].Array[0, 200];

    [Fact]
    public void TheBestWindowIsThatOfAllWindowsWhereAFeatureCountsOnce() => Gen.Select(Units, Gen.SByte.Array[10]).Sample(static (units, weights) =>
    {
        var windows = Enumerable.Range(0, units.Length).Select(last =>
        {
            var first = Math.Max(0, last - FeatureReader.Window + 1);
            return (Sum: units[first..(last + 1)].SelectMany(static unit => unit).Distinct().Sum(feature => weights[feature]), First: first, Last: last);
        }).ToArray();
        var sum = new WindowSum(weights, new int[2 * FeatureReader.Window]);
        var seen = new Dictionary<int, int>();
        for (var i = 0; i < units.Length; i++)
        {
            sum.Begin(i, 1);
            foreach (var feature in units[i])
            {
                if (seen.TryGetValue(feature, out var unit) && i - unit < FeatureReader.Window)
                {
                    sum.Move(feature, i - unit);
                }
                else
                {
                    sum.Add(feature);
                }

                seen[feature] = i;
            }
        }

        sum.Compare();
        Assert.Equal(windows.Length == 0 ? (int.MinValue, 0, 0) : windows.MaxBy(static window => window.Sum), (sum.Best, sum.Start, sum.Last));
    });
}
