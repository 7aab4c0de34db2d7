using StackExchange.Redis;

namespace Aegis;

/// <summary>
/// Logs of provenance in Redis, a string each: what an instance has read taints the calls of all, and a restart forgets none of it. What is written is sealed
/// before it comes here. Every use keeps a log for <see cref="RedisSessionOptions.TimeToLive"/> and a day, so that it outlives its session's idleness.
/// Answers take no longer than <see cref="RedisSessionOptions.Timeout"/>. Thread-safe.
/// </summary>
public sealed class RedisProvenanceStore : IProvenanceStore
{
    private readonly IConnectionMultiplexer _redis;
    private readonly RedisSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly string _logs;
    private readonly long _keep;

    /// <summary>A store.</summary>
    /// <param name="redis">The connection, which stays the caller's.</param>
    /// <param name="options">How, the same as for the sessions; the defaults unless said otherwise. <see cref="RedisSessionOptions.Prefix"/>, <see cref="RedisSessionOptions.Timeout"/> and <see cref="RedisSessionOptions.TimeToLive"/> count here.</param>
    /// <param name="time">The clock for timeouts; the system's unless said otherwise.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RedisProvenanceStore(IConnectionMultiplexer redis, RedisSessionOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _redis = redis;
        _options = (options ?? new()).Checked();
        _time = time ?? TimeProvider.System;
        _logs = $"{_options.Prefix}provenance:";
        _keep = (long)(_options.TimeToLive + TimeSpan.FromDays(1)).TotalMilliseconds;
    }

    /// <inheritdoc/>
    public async ValueTask<ProvenanceLog> ReadAsync(SessionId session, ProvenancePosition from, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(ProvenanceScripts.Read, session, [BytesOf(from.Generation), from.Offset, _keep], cancellationToken);
        return answer.Length != 3 ? throw NoAnswer()
            : EndOf(answer) is { } end ? new((byte[]?)answer[2] ?? [], end)
            : default;
    }

    /// <inheritdoc/>
    public async ValueTask<ProvenancePosition?> AppendAsync(SessionId session, Guid generation, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        EndOf(await AskAsync(ProvenanceScripts.Append, session, [BytesOf(generation), Guid.NewGuid().ToByteArray(), bytes, _keep], cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<ProvenancePosition?> ReplaceAsync(SessionId session, ProvenancePosition expected, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        EndOf(await AskAsync(ProvenanceScripts.Replace, session, [BytesOf(expected.Generation), expected.Offset, Guid.NewGuid().ToByteArray(), bytes, _keep], cancellationToken));

    private async ValueTask<RedisResult> AskAsync(string script, SessionId session, RedisValue[] values, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await RedisLink.EvaluateAsync(_redis, script, [_logs + session.ToStorageKey()], values, _options.Timeout, _time, cancellationToken);
    }

    private static byte[] BytesOf(Guid generation) => generation == Guid.Empty ? [] : generation.ToByteArray();

    /// <summary>Where a log ends; null: there is none, or it is another one.</summary>
    private static ProvenancePosition? EndOf(RedisResult answer) => answer.Length == 0 ? null
        : answer.Length < 2 || (byte[]?)answer[0] is not { } generation || (long)answer[1] is not (>= 0 and var length) ? throw NoAnswer()
        : generation.Length == 0 ? null
        : generation.Length == ProvenanceScripts.GenerationLength ? new(new Guid(generation), length)
        : throw NoAnswer();

    private static AegisException NoAnswer() => new("Redis gave an answer that is none.");
}
