namespace Aegis.Core.Tests.Sessions;

public class HistoryHeadTests
{
    [Fact]
    public void TheNewestOfEachConversationIsKept()
    {
        var (first, second) = (new HistoryHead(1, 2, 20, 1, 10), new HistoryHead(1, 4, 40, 3, 30));
        Assert.Equal([second], HistoryHead.Move(HistoryHead.Move([], null, first, beginsTurn: true), first, second, beginsTurn: true));
        Assert.Equal([second], HistoryHead.Set([first], second));
    }

    [Fact]
    public void ATurnThatGoesOnBeganWhereItBegan()
    {
        HistoryHead first = new(1, 2, 20, 1, 10);
        Assert.Equal([new HistoryHead(1, 4, 40, 1, 10)], HistoryHead.Move([first], first, new(1, 4, 40, 3, 30), beginsTurn: false));
        Assert.Equal([new HistoryHead(2, 4, 40, 3, 30)], HistoryHead.Move([], null, new(2, 4, 40, 3, 30), beginsTurn: false));
    }

    [Fact]
    public void AnAnswerThatEndsLateDoesNotSetBackWhatHasGoneOn()
    {
        HistoryHead seen = new(1, 2, 20, 1, 10), meanwhile = new(1, 6, 60, 5, 50), late = new(1, 4, 40, 3, 30);
        Assert.Equal([meanwhile], HistoryHead.Move([meanwhile], seen, late, beginsTurn: true));
        Assert.Equal([meanwhile], HistoryHead.Move([meanwhile], seen, late, beginsTurn: false));
        Assert.Equal([meanwhile], HistoryHead.Move([meanwhile], null, late, beginsTurn: true));
        Assert.Empty(HistoryHead.Move([], seen, late, beginsTurn: true));   // the host has had it forgotten
    }

    [Fact]
    public void OfTheSameRequestTwiceTheLastAnswerCounts()
    {
        HistoryHead seen = new(1, 2, 20, 1, 10), one = new(1, 4, 40, 3, 30), other = new(1, 4, 41, 3, 30);
        Assert.Equal([other], HistoryHead.Move([one], seen, other, beginsTurn: true));
        Assert.Equal([one], HistoryHead.Move([one], seen, other, beginsTurn: false));
    }

    [Fact]
    public void ItsFirstMessageAgainTakesItsPlaceOnlyWithAWholeAnswer()
    {
        HistoryHead current = new(1, 6, 60, 5, 50), left = new(1, 1, 10, 1, 10), whole = new(1, 2, 20, 1, 10);
        Assert.Equal([current], HistoryHead.Move([current], current, left, beginsTurn: true));
        Assert.Equal([whole], HistoryHead.Move([current], current, whole, beginsTurn: true));
        Assert.Equal([left], HistoryHead.Move([whole], whole, left, beginsTurn: true));   // the last request again
    }

    [Fact]
    public void TheFirstFewConversationsAreKept()
    {
        var heads = Enumerable.Range(1, 9).Aggregate(SessionState.Empty.Histories, static (all, i) => HistoryHead.Move(all, null, new((ulong)i, 2, 1, 1, 1), beginsTurn: true));
        Assert.Equal([1UL, 2, 3, 4], heads.Select(static head => head.Root));   // whoever begins others cannot have the first forgotten
        Assert.Equal([(1UL, 2), (2UL, 4), (3UL, 2), (4UL, 2)], HistoryHead.Move(heads, heads[1], heads[1] with { Count = 4 }, beginsTurn: true).Select(static head => (head.Root, head.Count)));
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
