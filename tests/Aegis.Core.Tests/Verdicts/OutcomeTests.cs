namespace Aegis.Core.Tests.Verdicts;

public class OutcomeTests
{
    [Theory, InlineData(Decision.Allow, true), InlineData(Decision.Flag, true), InlineData(Decision.Redact, true), InlineData(Decision.Ask, false), InlineData(Decision.Block, false)]
    public void OnlyWhatIsNeitherAskedNorBlockedGoesOn(Decision decision, bool mayProceed) =>
        Assert.Equal(mayProceed, new Outcome<UserInput>(new("x"), Verdict.None, decision, default).MayProceed);
}
