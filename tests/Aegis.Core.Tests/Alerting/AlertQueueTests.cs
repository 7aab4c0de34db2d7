using Aegis.Alerting;
using Aegis.Policies;
using CsCheck;

namespace Aegis.Core.Tests.Alerting;

/// <summary>What waits, and who has to give way.</summary>
public class AlertQueueTests
{
    [Fact]
    public void AnAlertThatFiresAgainWhileItWaitsTakesOnePlace()
    {
        var queue = new AlertQueue();
        for (var i = 0; i < 3 * AlertQueue.Capacity; i++)
        {
            Assert.True(queue.TryAdd(Work("a", value: i)));
        }

        Assert.Equal(1, queue.Count);
        Assert.Equal(["a! 191"], All(queue));
    }

    [Fact]
    public void ThatItIsOverTakesNoPlaceAndComesNext()
    {
        var queue = new AlertQueue();
        for (var i = 0; i < AlertQueue.Capacity; i++)
        {
            Assert.True(queue.TryAdd(Work(Id(i))));
        }

        Assert.True(queue.TryAdd(Work(Id(1), isOver: true)));
        Assert.True(queue.TryAdd(Work("told before", isOver: true)));   // its begin waits no more
        var all = All(queue);
        Assert.Equal(["a0! 0", "a1! 0", "a1. 0", "a2! 0"], all.Take(4));
        Assert.Equal("told before. 0", all[^1]);
        Assert.Equal(0, queue.Dropped);
    }

    /// <summary>Whoever opens sessions without end must not hide another user's alert.</summary>
    [Theory]
    [InlineData("ann", null, "bob", null)]
    [InlineData("ann", "acme", "bob", "acme")]
    [InlineData("a{0}", "acme", "bob", "other")]
    public void TheSessionsOfOneHideNobodyElse(string user, string? tenant, string other, string? otherTenant)
    {
        var queue = new AlertQueue();
        for (var i = 0; i < 3 * AlertQueue.Capacity; i++)
        {
            queue.TryAdd(Work(Id(i), new(FormattableString.Invariant($"s{i}"), string.Format(null, user, i), tenant)));
        }

        Assert.Equal(2 * AlertQueue.Capacity, queue.Dropped);
        Assert.False(queue.TryAdd(Work("real", new("t", other, otherTenant))));   // one of the many is lost
        Assert.True(queue.TryAdd(Work("real", new("t", other, otherTenant), isOver: true)));
        var all = All(queue);
        Assert.Equal(AlertQueue.Capacity + 1, all.Count);
        Assert.Equal(["real! 0", "real. 0"], all.TakeLast(2));
        Assert.DoesNotContain("a63! 0", all);   // that was the last of the many
    }

    [Fact]
    public void WhatNobodyWasToldOfDoesNotEnd()
    {
        var queue = new AlertQueue();
        for (var i = 0; i < AlertQueue.Capacity; i++)
        {
            queue.TryAdd(Work(Id(i)));
        }

        Assert.False(queue.TryAdd(Work("lost")));
        Assert.True(queue.TryAdd(Work("lost", isOver: true)));
        Assert.DoesNotContain(All(queue), static told => told.StartsWith("lost", StringComparison.Ordinal));
        Assert.Equal(1, queue.Dropped);
    }

    [Fact]
    public void EndsWithoutEndFillNothingEither()
    {
        var queue = new AlertQueue();
        for (var i = 0; i < AlertQueue.MostOver + 10; i++)
        {
            queue.TryAdd(Work(Id(i), isOver: true));
        }

        Assert.Equal((AlertQueue.MostOver, 10), (queue.Count, queue.Dropped));
        Assert.True(queue.TryAdd(Work("begins")));
    }

    [Fact]
    public void WhatEndedTakesNothingMore()
    {
        var queue = new AlertQueue();
        queue.TryAdd(Work("a"));
        queue.End();
        Assert.False(queue.TryAdd(Work("b")));
        Assert.Equal(["a! 0"], All(queue));
    }

    /// <summary>Whatever comes in whatever order: never more than there is room for, never an end before its begin, and all of it is taken or counted.</summary>
    [Fact]
    public void NothingIsLostUncounted() => Gen.Select(Gen.Int[0, 150], Gen.Int[0, 4], Gen.Bool).Array[0, 600].Sample(static steps =>
    {
        var (queue, told) = (new AlertQueue(), new List<string>());
        foreach (var (id, user, isOver) in steps)
        {
            queue.TryAdd(Work(Id(id), new(Id(id), Id(user)), isOver));
            Assert.InRange(queue.Count, 0, AlertQueue.Capacity + AlertQueue.MostOver);
            if ((id + user) % 7 == 0 && queue.TryTake() is { } work)
            {
                told.Add(Text(work));
            }
        }

        told.AddRange(All(queue));
        Assert.Equal(0, queue.Count);
        var begun = steps.Where(static step => !step.Item3).Select(static step => step.Item1).Distinct().Count();
        Assert.True(told.Where(static text => text.Contains('!', StringComparison.Ordinal)).Distinct().Count() + queue.Dropped >= begun);
    });

    private static string Id(int number) => FormattableString.Invariant($"a{number}");

    private static AlertWork Work(string id, SessionId? session = null, bool isOver = false, int value = 0) =>
        new(AlertAction.Log, new() { Id = id, Rule = "r", State = isOver ? AlertState.Resolved : AlertState.Fired, Session = session, Value = value }, static _ => default);

    private static List<string> All(AlertQueue queue)
    {
        var all = new List<string>();
        while (queue.TryTake() is { } work)
        {
            all.Add(Text(work));
        }

        return all;
    }

    private static string Text(AlertWork work) => FormattableString.Invariant($"{work.Alert.Id}{(work.Alert.State == AlertState.Fired ? '!' : '.')} {work.Alert.Value}");
}
