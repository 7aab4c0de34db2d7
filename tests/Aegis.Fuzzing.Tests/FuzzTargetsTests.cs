namespace Aegis.Fuzzing.Tests;

public class FuzzTargetsTests
{
    [Fact]
    public void EveryTargetHasSeedsAndAPlaceForWhatIsFound()
    {
        Assert.Equal(["arguments", "history", "policy", "scanner", "stream"], FuzzTargets.Names.Order(StringComparer.Ordinal));
        Assert.All(FuzzTargets.Names, static name => Assert.NotEmpty(Inputs.Seeds(name)));
        Assert.All(FuzzTargets.Names, static name => Assert.NotNull(Inputs.Kept(name)));
        Assert.All(FuzzTargets.Names, static name => Assert.NotNull(FuzzTargets.Make(name)));
    }
}
