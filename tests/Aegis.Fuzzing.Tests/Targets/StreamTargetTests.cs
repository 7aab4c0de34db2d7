using Aegis.Fuzzing.Targets;

namespace Aegis.Fuzzing.Tests.Targets;

public class StreamTargetTests
{
    [Fact]
    public void TheLawHoldsForEveryInputThatIsKept() => Inputs.Replay(new StreamTarget(), "stream");

    /// <summary>Promise P10, for answers that arrive in pieces.</summary>
    [Fact]
    public void TheLawHoldsForInputsThatNobodyHasWritten() => Inputs.Invent(static () => new StreamTarget(), "stream", Extent.Of(100_000, 2_000), 41);

    [Fact]
    public void AMonitorThatLooksAtSinglePiecesIsNoticed() =>
        Assert.Equal(1, Inputs.Broken(new StreamTarget(static (_, chunks) => (string.Concat(chunks.Select(static chunk => chunk.Replace("AEGIS-7f3kq9xt2m", "[gone]", StringComparison.Ordinal))), false)), "stream"));

    [Fact]
    public void AMonitorThatStopsByThePieceIsNoticed() =>
        Assert.InRange(Inputs.Broken(new StreamTarget(static (_, chunks) => ("", chunks.Count() > 1)), "stream"), 2, int.MaxValue);
}
