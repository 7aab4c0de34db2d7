using Aegis.Tokens;
using CsCheck;

namespace Aegis.Onnx.Tests.Tokens;

public class TokenWindowsTests
{
    [Fact]
    public void EveryTokenIsReadAndNeighboursShareWhatTheyAreTo()
    {
        Gen.Select(Gen.Int[0, 300], Gen.Int[2, 40], Gen.Int[0, 20]).Where(static x => x.Item3 <= x.Item2 / 2).Sample(static (tokens, size, overlap) =>
        {
            var starts = TokenWindows.Starts(tokens, size, overlap);
            Assert.Equal(0, starts[0]);
            Assert.True(starts[^1] + size >= tokens && starts[^1] <= Math.Max(0, tokens - size));
            Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, size - overlap));
            Assert.True((starts.Count - 1) * (size - overlap) < Math.Max(1, tokens));
        });
    }

    [Fact]
    public void ARangeCutsNoCharacter()
    {
        const string Text = "a😀b";

        Assert.Equal(new TextRange(1, 3), TokenWindows.RangeOf(Text, [new(1, 2, 3)], 0, 1));
        Assert.Equal(new TextRange(0, 3), TokenWindows.RangeOf(Text, [new(1, 0, 1), new(2, 1, 2)], 0, 2));
        Assert.Null(TokenWindows.RangeOf(Text, [], 0, 0));
    }
}
