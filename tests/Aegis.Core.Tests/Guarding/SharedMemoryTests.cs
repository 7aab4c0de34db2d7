using Aegis.Core.Tests.Sessions;
using Aegis.Flow;
using Aegis.Guarding;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Guarding;

/// <summary>What a log may do to a memory: nothing but add to it what other instances of the session have written.</summary>
public class SharedMemoryTests
{
    private static readonly byte[] Key = new byte[32];
    private static readonly SessionId Session = new("s");

    private readonly SeamProvenance _store = new();

    [Fact]
    public async Task OnlyWhatIsNewIsWrittenAndOnlyWhatOthersWroteIsRead()
    {
        var (one, other) = (Instance(), Instance());
        one.Memory.AddUser("Mail it to bob@corp.example.");
        Assert.True(one.Memory.HasNews);
        await AssertAsync(one.TellAsync);
        Assert.False(one.Memory.HasNews);
        await AssertAsync(one.TellAsync);
        Assert.Equal((1, 1), (_store.Reads, _store.Writes));
        await AssertAsync(other.CatchUpAsync);
        Assert.Equal(FlowSource.User, other.Memory.SourceOf("bob@corp.example"));
        Assert.False(other.Memory.HasNews);
        one.Memory.AddUser("Mail it to bob@corp.example.");   // a history that is read again
        Assert.False(one.Memory.HasNews);

        var lengths = new List<int>();
        _store.Read = log =>
        {
            lengths.Add(log.Bytes.Length);
            return log;
        };
        await AssertAsync(one.CatchUpAsync);
        await AssertAsync(other.CatchUpAsync);
        Assert.Equal([0, 0], lengths);
    }

    public static TheoryData<string> Damages => ["bits", "cut", "version", "empty entry", "another session's", "another key's", "of the end"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task ALogWithAnythingInItThatIsNotTheSessionsIsRefusedWholeAndReplaced(string damage)
    {
        var one = Instance();
        one.Memory.AddUser("Mail it to bob@corp.example.");
        one.Memory.Add(SessionLabels.Untrusted);
        await AssertAsync(one.TellAsync);
        var log = _store.BytesOf(Session);
        switch (damage)
        {
            case "bits": log[20] ^= 1; break;
            case "cut": log.RemoveAt(log.Count - 1); break;
            case "version": log[0]++; break;
            case "empty entry": log.AddRange(new FlowSeal(Key, Session).Close([])); break;
            case "another session's": log.AddRange(new FlowSeal(Key, new("t")).Close(FlowEntryCodec.Write(new(), 1))); break;
            case "another key's": log.AddRange(new FlowSeal([.. Key.Select(static b => (byte)1)], Session).Close(FlowEntryCodec.Write(new(), 1))); break;
            default: log.AddRange([1, 2]); break;
        }

        var other = Instance();
        Assert.Equal("flow/forgotten", (await other.CatchUpAsync(Given.Cancel))?.Rule);
        AssertForgotten(other);
        Assert.Equal(FlowSource.Model, other.Memory.SourceOf("bob@corp.example"));
        Assert.Equal(SessionLabels.None, other.Memory.Labels);
        await AssertAsync(other.CatchUpAsync);   // said once

        other.Memory.AddUser("Mail it to tom@corp.example.");
        await AssertAsync(other.TellAsync);
        var later = Instance();
        await AssertAsync(later.CatchUpAsync);   // it can be read again, and says what it has lost
        AssertForgotten(later);
        Assert.Equal(FlowSource.User, later.Memory.SourceOf("tom@corp.example"));
    }

    [Fact]
    public async Task ALogThatExpiredIsForgottenByWhomeverRemembersThatThereWasOne()
    {
        var (one, other) = (Instance(), Instance());
        one.Memory.AddUser("Mail it to bob@corp.example.");
        await AssertAsync(one.TellAsync);
        await AssertAsync(other.CatchUpAsync);
        _store.Drop(Session);
        var third = Instance();
        third.Memory.AddUser("Mail it to tom@corp.example.");
        await AssertAsync(third.TellAsync);   // knows nothing of the other log

        Assert.Equal("flow/forgotten", (await one.CatchUpAsync(Given.Cancel))?.Rule);   // another one has taken its place
        AssertForgotten(one);
        Assert.Equal(FlowSource.User, one.Memory.SourceOf("bob@corp.example"));   // what it knows goes on counting
        Assert.Equal(FlowSource.User, one.Memory.SourceOf("tom@corp.example"));
        await AssertAsync(one.TellAsync);
        await AssertAsync(third.CatchUpAsync);
        AssertForgotten(third);
        Assert.Equal(FlowSource.User, third.Memory.SourceOf("bob@corp.example"));

        _store.Drop(Session);
        Assert.Equal("flow/forgotten", (await other.CatchUpAsync(Given.Cancel))?.Rule);   // nothing has
        AssertForgotten(other);
        await AssertAsync(other.TellAsync);
        var last = Instance();
        await AssertAsync(last.CatchUpAsync);
        AssertForgotten(last);
        Assert.Equal(FlowSource.User, last.Memory.SourceOf("bob@corp.example"));
    }

    [Fact]
    public async Task ALogThatExpiresBetweenReadingAndWritingIsMadeAnewWithAllThatIsKnown()
    {
        var one = Instance();
        one.Memory.AddUser("Mail it to bob@corp.example.");
        await AssertAsync(one.TellAsync);
        _store.Drop(Session);
        one.Memory.AddUser("Mail it to tom@corp.example.");
        Assert.Equal("flow/forgotten", (await one.TellAsync(Given.Cancel))?.Rule);
        var other = Instance();
        await AssertAsync(other.CatchUpAsync);
        AssertForgotten(other);
        Assert.All(["bob@corp.example", "tom@corp.example"], address => Assert.Equal(FlowSource.User, other.Memory.SourceOf(address)));
    }

    [Fact]
    public async Task ALogThatLostItsEndIsForgotten()
    {
        var (one, other) = (Instance(), Instance());
        one.Memory.AddUser("Mail it to bob@corp.example.");
        await AssertAsync(one.TellAsync);
        var length = _store.BytesOf(Session).Count;
        one.Memory.AddUser("Mail it to tom@corp.example.");
        await AssertAsync(one.TellAsync);
        _store.BytesOf(Session).RemoveRange(length, _store.BytesOf(Session).Count - length);   // a replica that had not heard of it
        Assert.Equal("flow/forgotten", (await one.CatchUpAsync(Given.Cancel))?.Rule);
        await AssertAsync(one.TellAsync);
        await AssertAsync(other.CatchUpAsync);
        AssertForgotten(other);
        Assert.Equal(FlowSource.User, other.Memory.SourceOf("tom@corp.example"));
    }

    [Fact]
    public async Task ASessionThatHasReadSomethingAndHasNoLogIsForgotten()
    {
        var one = Instance();
        await AssertAsync(one.CatchUpAsync);
        Assert.Null(one.Compare(SessionLabels.None));
        Assert.Equal("flow/forgotten", one.Compare(SessionLabels.Private)?.Rule);
        Assert.Null(one.Compare(SessionLabels.Private));
        AssertForgotten(one);
    }

    [Fact]
    public async Task WhatTheStateSaysMayBeKnownALittleEarlierThanTheLog()
    {
        var (one, other) = (Instance(), Instance());
        one.Memory.AddUser("Mail it to bob@corp.example.");
        await AssertAsync(one.TellAsync);
        await AssertAsync(other.CatchUpAsync);
        Assert.Null(other.Compare(SessionLabels.Untrusted));
        Assert.True(other.Memory.HasForgotten(SessionLabels.Untrusted));   // until it is told
        one.Memory.Add(SessionLabels.Untrusted);
        await AssertAsync(one.TellAsync);
        await AssertAsync(other.CatchUpAsync);
        Assert.False(other.Memory.HasForgotten(SessionLabels.Untrusted));
    }

    [Fact]
    public async Task WhatCouldNotBeWrittenIsWrittenTheNextTime()
    {
        var one = Instance();
        one.Memory.AddUser("Mail it to bob@corp.example.");
        _store.OnWrite = Fault.Faulted;
        Assert.Equal(("flow/unavailable", Decision.Block), await RuleOf(one.TellAsync));
        Assert.True(one.Memory.HasNews);
        _store.OnWrite = null;
        await AssertAsync(one.TellAsync);
        var other = Instance();
        await AssertAsync(other.CatchUpAsync);
        Assert.Equal(FlowSource.User, other.Memory.SourceOf("bob@corp.example"));
    }

    [Fact]
    public async Task AStoreThatAnswersSomethingElseHasFailed()
    {
        var one = Instance();
        one.Memory.AddUser("Mail it to bob@corp.example.");
        await AssertAsync(one.TellAsync);
        foreach (var wrong in (Func<ProvenanceLog, ProvenanceLog>[])[log => new(new byte[3], log.End), log => log with { End = new(Guid.NewGuid(), 5) }, log => log with { End = log.End with { Offset = log.End.Offset + 4 } }])
        {
            _store.Read = wrong;
            Assert.Equal(("flow/unavailable", Decision.Block), await RuleOf(one.CatchUpAsync));
        }
    }

    [Fact]
    public async Task AStoreThatHangsHoldsUpNobodyForLongerThanItsTime()
    {
        var time = new FakeTimeProvider();
        var one = new SharedMemory(_store, new(Key, Session), Session, time, TimeSpan.FromSeconds(2));
        one.Memory.AddUser("Mail it to bob@corp.example.");
        _store.OnRead = Fault.Hangs;
        Task<Finding?>[] waiting = [one.CatchUpAsync(Given.Cancel), one.CatchUpAsync(Given.Cancel), one.TellAsync(Given.Cancel)];
        _store.OnRead = null;   // for those that wait for their turn
        time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromMilliseconds(1));
        Assert.All(waiting, static task => Assert.False(task.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.All(await Task.WhenAll(waiting), static finding => Assert.True(finding is null or { Rule: "flow/unavailable", Detail: "TimeoutException" }));
        Assert.NotNull(await waiting[0]);
        await AssertAsync(one.CatchUpAsync);
        Assert.Equal(FlowSource.User, one.Memory.SourceOf("bob@corp.example"));
    }

    private static void AssertForgotten(SharedMemory instance) => Assert.True(instance.Memory.HasForgotten(SessionLabels.None) && instance.Memory.HasForgottenPrivate);

    private static async Task AssertAsync(Func<CancellationToken, Task<Finding?>> work) => Assert.Null(await work(Given.Cancel));

    private static async Task<(string Rule, Decision Decision)?> RuleOf(Func<CancellationToken, Task<Finding?>> work) => await work(Given.Cancel) is { } finding ? (finding.Rule, finding.Decision) : null;

    private SharedMemory Instance() => new(_store, new(Key, Session), Session, TimeProvider.System, TimeSpan.FromMinutes(1));
}
