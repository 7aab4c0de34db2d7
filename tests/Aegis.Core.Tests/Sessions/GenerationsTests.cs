namespace Aegis.Core.Tests.Sessions;

public class GenerationsTests
{
    [Fact]
    public void TheNewestHalfIsAlwaysRememberedAndTheRestIsBounded()
    {
        var map = new Generations<int, int>(100);
        for (var i = 0; i < 10_000; i++)
        {
            map.Set(i, -i);
            for (var j = Math.Max(0, i - 48); j <= i; j++)
            {
                Assert.True(map.TryGet(j, out var value) && value == -j);
            }
        }

        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => map.TryGet(i, out _)), 49, 100);
    }
}
