using Aegis.Events;

namespace Aegis.Core.Tests.Sessions;

public class AegisRunTests
{
    private static readonly PolicyVersion Policy = new("p", "hash");

    [Fact]
    public void AYesIsUsedUpOnce()
    {
        var run = Given.Guard(Given.Open).Run(new("s"));
        Assert.False(run.TakeGrant("h", Policy));
        run.Grant("h", Policy);
        var taken = Enumerable.Range(0, 100).AsParallel().Count(_ => run.TakeGrant("h", Policy));

        Assert.Equal(1, taken);
        Assert.False(run.TakeGrant("H", Policy));
    }

    [Fact]
    public void TwoOfTheSameAreTwo()
    {
        var run = Given.Guard(Given.Open).Run(new("s"));
        run.Grant("h", Policy);
        run.Grant("h", Policy);
        Assert.Equal([true, true, false], [run.TakeGrant("h", Policy), run.TakeGrant("h", Policy), run.TakeGrant("h", Policy)]);
    }

    [Fact]
    public void AYesCountsOnlyUnderThePolicyThatAsked()
    {
        var run = Given.Guard(Given.Open).Run(new("s"));
        run.Grant("h", Policy);
        Assert.False(run.TakeGrant("h", new("p", "another")));
        Assert.True(run.TakeGrant("h", new("renamed", Policy.Hash)));
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
