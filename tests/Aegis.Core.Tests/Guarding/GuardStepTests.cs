using Aegis.Guarding;

namespace Aegis.Core.Tests.Guarding;

public class GuardStepTests
{
    [Fact]
    public void AGuardIsNamedAfterItsType()
    {
        Assert.Equal("seam", new GuardStep<UserInput>(new SeamGuard<UserInput>(Finding.Block("x"))).Name);
        Assert.Equal("two-words-2", new GuardStep<UserInput>(new TwoWords_2Guard()).Name);
        Assert.Equal("guard", new GuardStep<UserInput>(new Guard()).Name);
    }

    [Fact]
    public void AGuardRunsWhereverASubjectOfItsKindPasses()
    {
        var list = new GuardList();
        list.Add(new SeamGuard<TextSubject>(Finding.Block("x")));
        list.Add(new SeamGuard<Subject>(Finding.Block("x")), isForeign: true);
        list.Add(new SeamGuard<ToolResult>(Finding.Block("x")));

        Assert.Equal([false, true], list.For(new UserInput("")).Select(step => step.IsForeign));
        Assert.Equal([false, true, false], list.For(new ToolResult("", "")).Select(step => step.IsForeign));
        Assert.Equal([true], list.For(new ToolCall("", Aegis.Tools.ToolArguments.Empty)).Select(step => step.IsForeign));
        Assert.Contains("'String' is not a guard", Assert.Throws<ArgumentException>(() => list.Add("no guard")).Message, StringComparison.Ordinal);
    }

    private sealed class TwoWords_2Guard : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => new(Verdict.None);
    }

    private sealed class Guard : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => new(Verdict.None);
    }
}
