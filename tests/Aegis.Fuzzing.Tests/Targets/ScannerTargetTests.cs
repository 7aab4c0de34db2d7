using Aegis.Fuzzing.Targets;

namespace Aegis.Fuzzing.Tests.Targets;

/// <summary>Texts that nobody has found yet are in <c>ScannerPromiseTests</c>, a million.</summary>
public class ScannerTargetTests
{
    [Fact]
    public void TheLawHoldsForEveryInputThatIsKept() => Inputs.Replay(new ScannerTarget(), "scanner");

    [Fact]
    public void AScannerThatThrowsIsNoticed() => Assert.Throws<FormatException>(static () => new ScannerTarget(static subject => subject.Text.Contains('i') ? throw new FormatException() : Verdict.None).Run([.. "8i"u8]));

    [Fact]
    public void AScannerThatThrewInsideAGuardIsNoticed() => Noticed(static _ => Verdict.Of(Finding.Failed("scanner/failed")));

    [Fact]
    public void AFindingBehindTheEndIsNoticed() => Noticed(static subject => Verdict.Of(new Finding("a/b", Decision.Block, 1) { Range = new(0, subject.Text.Length + 1) }));

    [Fact]
    public void ARiskThatIsNoneIsNoticed() => Noticed(static _ => Verdict.Of(new Finding("a/b", Decision.Block, double.NaN)));

    [Fact]
    public void AScannerThatRemembersIsNoticed()
    {
        var asked = 0;
        Noticed(_ => asked++ % 2 == 0 ? Verdict.None : Verdict.Of(new Finding("a/b", Decision.Block, 1)));
    }

    private static void Noticed(Func<TextSubject, Verdict> wrong) => Assert.Equal(Inputs.Seeds("scanner").Count, Inputs.Broken(new ScannerTarget(wrong), "scanner"));
}
