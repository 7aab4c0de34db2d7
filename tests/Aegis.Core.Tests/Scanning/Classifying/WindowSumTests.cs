using Aegis.Scanning.Classifying;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Classifying;

public class WindowSumTests
{
    /// <summary>Units of one character each, with their features.</summary>
    private static readonly Gen<int[][]> Units = Gen.Int[0, 9].Array[0, 3].Array[0, 200];

    [Fact]
    public void TheBestWindowIsThatOfAllWindows() => Gen.Select(Units, Gen.SByte.Array[10]).Sample(static (units, weights) =>
    {
        var sums = units.Select(unit => unit.Sum(feature => weights[feature])).ToArray();
        var windows = Enumerable.Range(0, units.Length).Select(last => (Sum: sums[Math.Max(0, last - FeatureReader.Window + 1)..(last + 1)].Sum(), First: Math.Max(0, last - FeatureReader.Window + 1), Last: last)).ToArray();
        var sum = new WindowSum(weights, new int[2 * FeatureReader.Window]);
        for (var i = 0; i < units.Length; i++)
        {
            sum.Begin(i, 1);
            foreach (var feature in units[i])
            {
                sum.Add(feature);
            }
        }

        sum.Compare();
        Assert.Equal(windows.Length == 0 ? (int.MinValue, 0, 0) : windows.MaxBy(static window => window.Sum), (sum.Best, sum.Start, sum.Last));
    });
}
