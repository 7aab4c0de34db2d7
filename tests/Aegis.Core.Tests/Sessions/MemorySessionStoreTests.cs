using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

public class MemorySessionStoreTests
{
    private static readonly Budget Counter = new("n", "", "n", BudgetMeter.ToolCalls, long.MaxValue, TimeSpan.FromDays(300));

    [Fact]
    public async Task TheLeastRecentlyUsedGoWhenTheStoreIsFull()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(capacity: 32, time: time);
        for (var i = 0; i < 1_000; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Increment(store, "favourite", time);
            await Increment(store, $"{i}", time);
            Assert.InRange(store.Count, 1, 32);
        }

        Assert.Equal(1_000, await Read(store, "favourite", time));
        Assert.Equal(1, await Read(store, "999", time));
        Assert.Equal(1, await Read(store, "980", time));
        Assert.Equal(0, await Read(store, "900", time));
    }

    [Fact]
    public async Task IdleSessionsAreForgotten()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(idleExpiry: TimeSpan.FromHours(8), time: time);
        await Lock(store, "idle", time.GetUtcNow().AddHours(1));
        await Lock(store, "used", time.GetUtcNow().AddHours(1));
        time.Advance(TimeSpan.FromHours(6));
        await Unlock(store, "used");
        time.Advance(TimeSpan.FromHours(3));
        await Unlock(store, "new");

        Assert.Equal(2, store.Count);
        time.Advance(TimeSpan.FromHours(6));
        await Unlock(store, "new");
        Assert.Equal(1, store.Count);
        Assert.Same(SessionState.Empty, await store.ReadAsync(new("idle"), Given.Cancel));
    }

    [Fact]
    public async Task WaitingDoesNotRefillAWindowThatIsLongerThanSessionsAreIdle()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(idleExpiry: TimeSpan.FromHours(24), time: time);
        await Increment(store, "a month's only refund", time);
        for (var day = 0; day < 30; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await Increment(store, "somebody else", time);
            Assert.Equal(1, await Read(store, "a month's only refund", time));
        }

        time.Advance(TimeSpan.FromDays(300));
        await Increment(store, "somebody else", time);
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public async Task LockedSessionsOutliveTheirIdlenessUntilTheLockEnds()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(idleExpiry: TimeSpan.FromHours(1), time: time);
        await Lock(store, "for good", null);
        await Lock(store, "for a day", time.GetUtcNow().AddDays(1));
        time.Advance(TimeSpan.FromHours(23));
        await Unlock(store, "x");
        Assert.True(await IsLocked(store, "for good", time) && await IsLocked(store, "for a day", time));

        time.Advance(TimeSpan.FromHours(2));
        await Unlock(store, "y");   // the sweep lets go of the one, and of x
        Assert.True(await IsLocked(store, "for good", time));
        Assert.Equal(2, store.Count);
    }

    [Theory, InlineData(1), InlineData(20), InlineData(31)]
    public async Task QuarantinedSessionsAreNeverEvictedWhileOthersCanGo(int locked)
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(capacity: 32, time: time);
        for (var i = 0; i < locked; i++)
        {
            await Lock(store, $"locked {i}", null);
        }

        for (var i = 0; i < 500; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Increment(store, $"{i}", time);
            Assert.InRange(store.Count, 1, 32);
        }

        for (var i = 0; i < locked; i++)
        {
            Assert.True(await IsLocked(store, $"locked {i}", time), $"{i} of {locked}");
        }
    }

    [Fact]
    public async Task LockedSessionsAreBoundedToo()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(capacity: 16, time: time);
        for (var i = 0; i < 100; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Lock(store, $"{i}", null);
            Assert.InRange(store.Count, 1, 16);
        }

        Assert.True(await IsLocked(store, "99", time) && await IsLocked(store, "90", time));
    }

    [Fact]
    public async Task ParallelChangesAreNotLost()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(idleExpiry: TimeSpan.FromSeconds(8), time: time);
        await Parallel.ForAsync(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            if (i % 100 == 0)
            {
                time.Advance(TimeSpan.FromSeconds(1));   // a sweep compacts in between
            }

            await Increment(store, "s", time);
        });

        Assert.Equal(20_000, await Read(store, "s", time));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public async Task EvictionAndChangesDoNotTearSessions()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(capacity: 16, time: time);
        await Parallel.ForAsync(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var counted = await Increment(store, $"{i * 7 % 61}", time);
            Assert.InRange(counted, 1, 20_000 / 61 * 8);
        });
        var alive = 0;
        for (var i = 0; i < 61; i++)
        {
            alive += await Read(store, $"{i}", time) > 0 ? 1 : 0;
        }

        Assert.Equal(alive, store.Count);
        Assert.InRange(store.Count, 1, 16 + 1 + 8);   // the share that does not wait, and a newcomer of each writer
    }

    [Fact]
    public async Task ALockThatIsSetWhileTheStoreSweepsStays()
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(capacity: 64, time: time);
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < 30_000; i++)
            {
                await Increment(store, $"{i}", time);
            }
        }, Given.Cancel);
        for (var i = 0; i < 2_000; i++)
        {
            await Increment(store, "victim", time);
            await Lock(store, "victim", null);
            Assert.True(await IsLocked(store, "victim", time));
            await Unlock(store, "victim");
        }

        await flood;
    }

    [Fact]
    public async Task AChangeThatChangesNothingRemembersNothing()
    {
        var store = new MemorySessionStore();
        Assert.Equal(7, await store.UpdateAsync(new("s"), static (state, seven) => (state, seven), 7, Given.Cancel));
        Assert.Equal(0, store.Count);
        Assert.Same(SessionState.Empty, await store.ReadAsync(new("s"), Given.Cancel));
    }

    [Fact]
    public async Task ACancelledUpdateChangesNothing()
    {
        var store = new MemorySessionStore();
        var cancelled = new CancellationToken(true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadAsync(new("s"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.UpdateAsync(new("s"), static (state, _) => (state with { Lock = null }, 0), 0, cancelled));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void AStoreWithoutRoomOrTimeIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MemorySessionStore(capacity: 15));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MemorySessionStore(idleExpiry: TimeSpan.Zero));
    }

    private static ValueTask<long> Increment(MemorySessionStore store, string id, FakeTimeProvider time) =>
        store.UpdateAsync(
            new(id),
            static (state, now) =>
            {
                var (changed, _) = Ledger.SpendOnly(state, new Charge { Now = now, Run = default, Limits = null!, Spends = [new(Counter, 1)] });
                return (changed, changed.Used(Counter, now));
            },
            time.GetUtcNow(),
            CancellationToken.None);

    private static async Task<long> Read(MemorySessionStore store, string id, FakeTimeProvider time) => (await store.ReadAsync(new(id), CancellationToken.None)).Used(Counter, time.GetUtcNow());

    private static async Task<bool> IsLocked(MemorySessionStore store, string id, FakeTimeProvider time) => (await store.ReadAsync(new(id), CancellationToken.None)).IsLocked(time.GetUtcNow());

    private static ValueTask<bool> Lock(MemorySessionStore store, string id, DateTimeOffset? until) =>
        store.UpdateAsync(new(id), static (state, until) => (state with { Lock = new(SessionLockKind.Quarantined, until) }, true), until, CancellationToken.None);

    private static ValueTask<bool> Unlock(MemorySessionStore store, string id) =>
        store.UpdateAsync(new(id), static (state, _) => (state with { Lock = null }, true), 0, CancellationToken.None);
}
