using Aegis.Guarding;
using StackExchange.Redis;

namespace Aegis;

/// <summary>
/// The way to Redis: one question at a time, an answer in time, and what every answer says besides. Once an answer has not come in time nothing waits for
/// another one: whoever asks is told at once that Redis is away, until it has answered. Thread-safe.
/// </summary>
internal sealed class RedisLink(IConnectionMultiplexer redis, RedisSessionOptions options, LockListener listener, ServerClock clock, TimeProvider time)
{
    private const string NoScript = "NOSCRIPT";

    private readonly string _sessions = $"{options.Prefix}session:";
    private long _roundTrips;
    private int _isAway;

    /// <summary>Questions that were asked.</summary>
    public long RoundTrips => Interlocked.Read(ref _roundTrips);

    /// <summary>Begins to listen, and asks what time it is, before anything else is asked.</summary>
    public async ValueTask GreetAsync()
    {
        await listener.ListenAsync();
        var answer = await redis.GetDatabase().ExecuteAsync("TIME");
        clock.Heard((long)answer[0], (long)answer[1]);
    }

    /// <summary>Asks <see cref="SessionScript"/>.</summary>
    /// <param name="id">The session.</param>
    /// <param name="expected">What it is taken to be.</param>
    /// <param name="stored">What to write if it is; null: nothing.</param>
    /// <param name="keep">How long to keep it; null: for ever.</param>
    /// <param name="says">What other instances must hear if it was written; empty: nothing.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <returns>Whether it is what it was taken to be; and if not, what it is; null: it is, but nothing was written, because the clock here has stood still.</returns>
    public async ValueTask<(bool Holds, byte[]? Stored)> AskAsync(SessionId id, Stamp expected, byte[]? stored, TimeSpan? keep, string says, TimeSpan timeout)
    {
        if (!redis.IsConnected || Volatile.Read(ref _isAway) != 0)
        {
            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "Redis is not there.");
        }

        if (timeout <= TimeSpan.Zero)
        {
            throw new TimeoutException();
        }

        if (!listener.IsHearing)
        {
            Abandoned.Observe(listener.ListenAsync().AsTask());
        }

        RedisKey[] keys = [_sessions + id.ToStorageKey()];
        RedisValue[] values =
        [
            expected.Bytes, stored ?? [], keep is { } kept ? Math.Max(1, (long)kept.TotalMilliseconds) : 0,
            (string)listener.Channel!, says, listener.NextBeat(), clock.Latest.ToUnixTimeSeconds(),
        ];
        Interlocked.Increment(ref _roundTrips);
        RedisResult result;
        try
        {
            result = await EvaluateAsync(redis, SessionScript.Text, keys, values, timeout, time, CancellationToken.None);
        }
        catch (TimeoutException) when (timeout >= options.Timeout / 2)   // else it was not given the time
        {
            WaitForIt();
            throw;
        }

        if (result.Length != 4)
        {
            throw new AegisException("Redis gave an answer that is none.");
        }

        clock.Heard((long)result[2], (long)result[3]);
        return ((int)result[0] == 1, (int)result[0] == 2 ? null : (byte[]?)result[1] ?? []);
    }

    /// <summary>It is away until it has said what time it is.</summary>
    private void WaitForIt()
    {
        if (Interlocked.CompareExchange(ref _isAway, 1, 0) == 0)
        {
            Abandoned.Observe(AskUntilThereAsync());
        }

        async Task AskUntilThereAsync()
        {
            while (true)
            {
                try
                {
                    await GreetAsync();
                    Volatile.Write(ref _isAway, 0);
                    return;
                }
                catch (Exception e) when (e is not ObjectDisposedException)   // the connection is not used any more
                {
                    await Task.Delay(options.Timeout, time);
                }
            }
        }
    }

    /// <summary>Runs a script, in time. Whoever has given up waiting is told nothing more.</summary>
    public static async ValueTask<RedisResult> EvaluateAsync(IConnectionMultiplexer redis, string script, RedisKey[] keys, RedisValue[] values, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync();
        }
        catch (RedisServerException e) when (e.Message.StartsWith(NoScript, StringComparison.Ordinal))
        {
            return await OnceAsync();   // a server that was started again; the client knows it by now
        }

        async ValueTask<RedisResult> OnceAsync()
        {
            var answer = redis.GetDatabase().ScriptEvaluateAsync(script, keys, values);
            Abandoned.Observe(answer);
            return await answer.WaitAsync(timeout, time, cancellationToken);
        }
    }
}
