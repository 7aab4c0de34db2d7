using Aegis.Policies;
using CsCheck;

namespace Aegis.Core.Tests.Policies;

public class PriceTableTests
{
    private static readonly PriceTable Table = new(new Dictionary<string, ModelPrice>
    {
        ["*-mini"] = new(0.15m, 0.6m),
        ["big-*"] = new(5, 10),
        ["big-2"] = new(7, 9),
    });

    [Theory]
    [InlineData("gpt-mini", 150_000 + 600_000)]
    [InlineData("big-1", 5_000_000 + 10_000_000)]
    [InlineData("BIG-2", 7_000_000 + 9_000_000)]           // the exact name, whatever its case
    [InlineData("big-mini", 150_000 + 600_000)]            // the glob with more literals
    [InlineData("unheard-of", 7_000_000 + 10_000_000)]     // the dearest of each
    [InlineData("b\u0456g-2", 7_000_000 + 10_000_000)]     // no look-alike gets a price
    [InlineData("", 7_000_000 + 10_000_000)]
    [InlineData("a\nb", 7_000_000 + 10_000_000)]
    [InlineData(null, 7_000_000 + 10_000_000)]
    public void AMillionTokensCostWhatTheTableSays(string? model, long micros) => Assert.Equal(micros, Table.MicrosOf(new(1_000_000, 1_000_000, model)));

    [Fact]
    public void AnUnknownModelIsNeverCheaperThanAKnownOne() => Gen.Select(Gen.OneOf("gpt-mini", "big-1", "big-2"), Gen.Long[0, 1_000_000_000_000], Gen.Long[0, 1_000_000_000_000]).Sample(static (model, input, output) =>
        Table.MicrosOf(new(input, output, "unheard-of")) >= Table.MicrosOf(new(input, output, model)));

    [Fact]
    public void PartsOfAMillionthAreRoundedUp()
    {
        Assert.Equal(1, Table.MicrosOf(new(1, 0, "gpt-mini")));
        Assert.Equal(0, Table.MicrosOf(new(0, 0, "gpt-mini")));
        Assert.Equal(0, new PriceTable(new Dictionary<string, ModelPrice>()).MicrosOf(new(5, 5, "x")));
    }
}
