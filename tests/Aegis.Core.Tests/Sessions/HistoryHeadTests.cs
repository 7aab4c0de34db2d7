namespace Aegis.Core.Tests.Sessions;

public class HistoryHeadTests
{
    [Fact]
    public void TheNewestOfEachConversationIsKept()
    {
        var heads = HistoryHead.Add(HistoryHead.Add([], new(1, 2, 20, 1, 10), beginsTurn: true), new(1, 4, 40, 3, 30), beginsTurn: true);
        Assert.Equal([new HistoryHead(1, 4, 40, 3, 30)], heads);
    }

    [Fact]
    public void ATurnThatGoesOnBeganWhereItBegan()
    {
        var heads = HistoryHead.Add(HistoryHead.Add([], new(1, 2, 20, 1, 10), beginsTurn: true), new(1, 4, 40, 3, 30), beginsTurn: false);
        Assert.Equal([new HistoryHead(1, 4, 40, 1, 10)], heads);
        Assert.Equal([new HistoryHead(2, 4, 40, 3, 30)], HistoryHead.Add([], new(2, 4, 40, 3, 30), beginsTurn: false));
    }

    [Fact]
    public void TheFirstFewConversationsAreKept()
    {
        var heads = Enumerable.Range(1, 9).Aggregate(SessionState.Empty.Histories, static (all, i) => HistoryHead.Add(all, new((ulong)i, 2, 1, 1, 1), beginsTurn: true));
        Assert.Equal([1UL, 2, 3, 4], heads.Select(static head => head.Root));   // whoever begins others cannot have the first forgotten
        Assert.Equal([(1UL, 2), (2UL, 4), (3UL, 2), (4UL, 2)], HistoryHead.Add(heads, heads[1] with { Count = 4 }, beginsTurn: true).Select(static head => (head.Root, head.Count)));
    }

    [Fact]
    public void ASessionThatRemembersOneIsNotIdle()
    {
        var state = SessionState.Empty with { Histories = [new(1, 2, 3, 1, 4)] };
        Assert.Same(state, state.Compact(DateTimeOffset.MaxValue));
        Assert.InRange(state.ToBytes(new("s")).Length, 17, 64);
    }

    [Fact]
    public async Task AHostCanHaveItForgotten()
    {
        var guard = Given.Guard(Given.Open);
        SessionId session = new("s");
        await guard.Services.Store.UpdateAsync(session, static (state, _) => (state with { Histories = [new(1, 2, 3, 1, 4)], Labels = SessionLabels.Private }, 0), 0, Given.Cancel);
        await guard.Sessions.ForgetHistoryAsync(session, Given.Cancel);
        var state = await guard.Sessions.GetAsync(session, Given.Cancel);
        Assert.Empty(state.Histories);
        Assert.Equal(SessionLabels.Private, state.Labels);
        await Assert.ThrowsAsync<ArgumentException>(async () => await guard.Sessions.ForgetHistoryAsync(default, Given.Cancel));
    }
}
