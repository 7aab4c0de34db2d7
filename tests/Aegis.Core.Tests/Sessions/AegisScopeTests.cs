namespace Aegis.Core.Tests.Sessions;

public class AegisScopeTests
{
    private static SessionId? Current => AegisAmbient.Current.Scope?.Session;

    [Fact]
    public void ScopesNest()
    {
        Assert.Null(Current);
        using (AegisScope.Begin("outer"))
        {
            using (AegisScope.Begin("inner", "user-42", "acme"))
            {
                Assert.Equal(new SessionId("inner", "user-42", "acme"), Current);
            }

            Assert.Equal(new SessionId("outer"), Current);
        }

        Assert.Null(Current);
    }

    [Fact]
    public async Task AScopeFlowsIntoWhatItStartsAndNotOutOfIt()
    {
        using var scope = AegisScope.Begin("outer");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            Assert.Equal(scope.Session, Current);
            using (AegisScope.Begin($"{i}"))
            {
                await Task.Yield();
                Assert.Equal(new SessionId($"{i}"), Current);
            }

            Assert.Equal(scope.Session, Current);
            AegisScope.Begin("never disposed");
        })));

        Assert.Equal(scope.Session, Current);
    }

    [Fact]
    public void AScopeThatIsDisposedAgainEndsNoOther()
    {
        var first = AegisScope.Begin("first");
        first.Dispose();
        using (AegisScope.Begin("second"))
        {
            first.Dispose();
            Assert.Equal(new SessionId("second"), Current);
        }

        Assert.Null(Current);
    }

    [Fact]
    public void AScopeThatHasEndedDoesNotComeBack()
    {
        using (AegisScope.Begin("around"))
        {
            var outer = AegisScope.Begin("outer");
            var inner = AegisScope.Begin("inner");
            outer.Dispose();
            Assert.Equal(new SessionId("around"), Current);
            inner.Dispose();
            Assert.Equal(new SessionId("around"), Current);

            using (AegisScope.Begin("forgotten outside"))
            {
                AegisScope.Begin("forgotten");
            }

            Assert.Equal(new SessionId("around"), Current);
        }

        Assert.Null(Current);
    }

    [Fact]
    public async Task AScopeThatIsDisposedElsewhereEndsNothingThere()
    {
        var scope = await Task.Run(static () => AegisScope.Begin("elsewhere"));
        using (AegisScope.Begin("here"))
        {
            scope.Dispose();
            Assert.Equal(new SessionId("here"), Current);
        }
    }

    [Fact]
    public void ANewRunIsAnotherOneEachTime()
    {
        using var scope = AegisScope.Begin("s");
        Assert.Null(scope.RunKey);
        scope.NewRun();
        var first = scope.RunKey;
        scope.NewRun();

        Assert.NotNull(first);
        Assert.NotNull(scope.RunKey);
        Assert.NotSame(first, scope.RunKey);
    }

    [Fact]
    public void AScopeKeepsTheRunAroundIt()
    {
        var run = Given.Guard(Given.Open).Run(new("s"));
        using (AegisAmbient.EnterTool(run))
        using (AegisScope.Begin("other"))
        {
            Assert.Same(run, AegisAmbient.Current.Run);
            Assert.True(AegisAmbient.Current.InTool);
        }

        Assert.Null(AegisAmbient.Current.Run);
    }
}
