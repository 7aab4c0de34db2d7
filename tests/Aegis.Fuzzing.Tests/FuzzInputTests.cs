using System.Text;

namespace Aegis.Fuzzing.Tests;

public class FuzzInputTests
{
    [Fact]
    public void TheFirstByteSaysHowTheTextIsWritten()
    {
        Assert.Equal("é", new FuzzInput([.. "8é"u8]).Text());
        Assert.Equal("é", new FuzzInput([(byte)'6', .. Encoding.Unicode.GetBytes("é")]).Text());
    }

    [Fact]
    public void HalvesOfPairsAreTextsToo() => Assert.Equal("\uDC00\uD800", new FuzzInput([(byte)'6', 0x00, 0xDC, 0x00, 0xD8, 0x01]).Text());

    [Fact]
    public void BehindTheEndIsNothing()
    {
        var input = new FuzzInput([]);
        Assert.Equal((0, ""), (input.Next(), input.Text()));
    }
}
