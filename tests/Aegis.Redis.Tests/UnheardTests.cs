using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>Locks that come while an answer is on its way, or before anybody listens.</summary>
public sealed class UnheardTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly SessionId Session = new("c-1");

    private readonly string _prefix = $"t{Guid.NewGuid():N}:";
    private Task _answers = Task.CompletedTask;
    private readonly TaskCompletionSource _answered = new();
    private Task _listens = Task.CompletedTask;

    private RedisSessionOptions Options => Instance.Options(_prefix);

    [Fact]
    public async Task ALockThatIsHeardWhileAnAnswerIsOnItsWayIsKept()
    {
        await using var redis = await server.ConnectAsync();
        using var store = new RedisSessionStore(Gated(redis), Options);
        await using var other = await Instance.StartAsync(server, Instance.Open, Options);
        await HearingAsync(store);
        var goesOn = new TaskCompletionSource();
        _answers = goesOn.Task;
        var first = store.ReadAsync(Session, Instance.Cancel).AsTask();
        await _answered.Task;
        await HeardAsync(redis, () => other.Guard.Sessions.BanAsync(Session, null, Instance.Cancel).AsTask());
        _answers = Task.CompletedTask;
        goesOn.SetResult();
        await first;

        Assert.True((await store.ReadAsync(Session, Instance.Cancel)).IsLocked(store.Now));
    }

    [Fact]
    public async Task WhatWasKnownBeforeAnybodyListenedIsAskedForAgain()
    {
        await using var redis = await server.ConnectAsync();
        var listens = new TaskCompletionSource();
        _listens = listens.Task;
        using var store = new RedisSessionStore(Gated(redis), Options);
        await using var other = await Instance.StartAsync(server, Instance.Open, Options);
        Assert.False((await store.ReadAsync(Session, Instance.Cancel)).IsLocked(store.Now));
        await other.Guard.Sessions.BanAsync(Session, null, Instance.Cancel);
        listens.SetResult();
        await HearingAsync(store);

        Assert.True((await store.ReadAsync(Session, Instance.Cancel)).IsLocked(store.Now));
    }

    /// <summary>Does something, and comes back when the connection has heard of it: what is said on one channel is heard in turn.</summary>
    private async Task HeardAsync(ConnectionMultiplexer redis, Func<Task> says)
    {
        var heard = new TaskCompletionSource();
        var channel = RedisChannel.Literal($"{_prefix}locks");
        await redis.GetSubscriber().SubscribeAsync(channel, (_, message) =>
        {
            if (((string?)message)?.Contains(Session.ToStorageKey(), StringComparison.Ordinal) == true && ((string?)message)![0] == 'l')
            {
                heard.TrySetResult();
            }
        });
        await says();
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), Instance.Cancel);
    }

    private static Task HearingAsync(RedisSessionStore store) => RedisServer.Until(async () =>
    {
        await store.ReadAsync(new($"warm-{Guid.NewGuid():N}"), Instance.Cancel);
        return store.IsHearing;
    });

    /// <summary>The connection with answers and the beginning of listening held back.</summary>
    private IConnectionMultiplexer Gated(ConnectionMultiplexer redis) => Passing<IConnectionMultiplexer>.Of(redis, (name, call) => name switch
    {
        nameof(IConnectionMultiplexer.GetDatabase) => Passing<IDatabase>.Of((IDatabase)call()!, (asked, ask) => asked == nameof(IDatabase.ScriptEvaluateAsync) ? LaterAsync((Task<RedisResult>)ask()!) : ask()),
        nameof(IConnectionMultiplexer.GetSubscriber) => Passing<ISubscriber>.Of((ISubscriber)call()!, (said, say) => said == nameof(ISubscriber.SubscribeAsync) ? ListenAsync(() => (Task)say()!) : say()),
        _ => call(),
    });

    private async Task<RedisResult> LaterAsync(Task<RedisResult> answer)
    {
        var result = await answer;
        if (!_answers.IsCompleted)
        {
            _answered.TrySetResult();
            await _answers;
        }

        return result;
    }

    private async Task ListenAsync(Func<Task> listen)
    {
        await _listens;
        await listen();
    }
}
