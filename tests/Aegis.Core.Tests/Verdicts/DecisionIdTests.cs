namespace Aegis.Core.Tests.Verdicts;

public class DecisionIdTests
{
    [Fact]
    public void IdsAreUniqueAcrossThreads()
    {
        var ids = Enumerable.Range(0, 20_000).AsParallel().Select(static _ => DecisionId.Next()).ToHashSet();

        Assert.Equal(20_000, ids.Count);
        Assert.Single(ids.Select(static id => id.Instance).Distinct());
    }

    [Fact]
    public void AnIdIsThirtyTwoHexadecimalDigits() =>
        Assert.Equal("00000000000000ff000000000000000a", new DecisionId(255, 10).ToString());
}
