using Aegis.Fuzzing.Targets;

namespace Aegis.Fuzzing.Tests.Targets;

public class ArgumentsTargetTests
{
    [Fact]
    public void TheLawHoldsForEveryInputThatIsKept() => Inputs.Replay(new ArgumentsTarget(), "arguments");

    /// <summary>Promise P10, for arguments of calls.</summary>
    [Fact]
    public void TheLawHoldsForInputsThatNobodyHasWritten() => Inputs.Invent(static () => new ArgumentsTarget(), "arguments", Extent.Of(100_000, 2_000), 43);

    [Fact]
    public void AGuardThatThrewIsNoticed() => Noticed(static _ => Verdict.Of(Finding.Failed("arguments/failed")), Inputs.Seeds("arguments").Count);

    [Fact]
    public void AGuardThatLetsWhatCannotBeReadPassIsNoticed() => Noticed(static _ => Verdict.None, 2);   // a reserved key, half of a pair

    [Fact]
    public void AGuardThatJudgesByTheSpellingIsNoticed()
    {
        var asked = 0;
        Noticed(_ => asked++ % 2 == 0 ? Verdict.None : Verdict.Of(new Finding("arguments/enum", Decision.Ask)), Inputs.Seeds("arguments").Count);
    }

    private static void Noticed(Func<ToolCall, Verdict> wrong, int least) => Assert.InRange(Inputs.Broken(new ArgumentsTarget(wrong), "arguments"), least, int.MaxValue);
}
