using Aegis.Telemetry;
using CsCheck;

namespace Aegis.Core.Tests.Telemetry;

public class FewValuesTests
{
    [Fact]
    public void TheFirstAreThemselvesAndTheRestAreOther()
    {
        var values = new FewValues(2);
        Assert.Equal(["a", "b", "other", "a", "b", "other"], new[] { "a", "b", "c", "a", "b", "d" }.Select(values.Of));
    }

    [Fact]
    public void HoweverManyComeAtOnceThereAreNeverMore() => Gen.Int[0, 100].Array[0, 300].Sample(
        static numbers =>
        {
            var values = new FewValues(20);
            var said = numbers.AsParallel().Select(number => values.Of($"rule/{number}")).Distinct().ToList();
            return said.Count <= 21 && numbers.All(number => values.Of($"rule/{number}") is var value && (value == $"rule/{number}" || value == FewValues.Other));
        },
        iter: 200);
}
