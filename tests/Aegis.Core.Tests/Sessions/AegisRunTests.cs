namespace Aegis.Core.Tests.Sessions;

public class AegisRunTests
{
    [Fact]
    public void AYesIsUsedUpOnce()
    {
        var run = Given.Guard(Given.Open).Run(new("s"));
        Assert.False(run.TakeGrant("h"));
        run.Grant("h");
        var taken = Enumerable.Range(0, 100).AsParallel().Count(_ => run.TakeGrant("h"));

        Assert.Equal(1, taken);
        Assert.False(run.TakeGrant("H"));
    }

    [Fact]
    public void EachGuardOfAPipelineHasOneAccountOfTheTurn()
    {
        var (guard, other) = (Given.Guard(Given.Open), Given.Guard(Given.Open));
        var run = guard.Run(new("s"));
        var siblings = Enumerable.Range(0, 100).AsParallel().Select(_ => run.For(other)).Distinct().ToArray();

        Assert.Same(run, run.For(guard));
        Assert.Equal((other, run.Session), (Assert.Single(siblings).Guard, siblings[0].Session));
    }

    [Fact]
    public void ARunWithoutASessionIsNobodys()
    {
        var guard = Given.Guard(Given.Open);

        Assert.True(guard.Run(null).IsAnonymous);
        Assert.False(guard.Run(new("s")).IsAnonymous);
        Assert.NotEqual(guard.Run(null).Session, guard.Run(null).Session);
    }
}
