using System.Globalization;
using StackExchange.Redis;

namespace Aegis;

/// <summary>
/// Hears of locks that other instances set or lift, so that what is known here can count without asking, and of sessions that Redis has lost and this
/// instance may know more of. Says something itself now and then, together with
/// what it asks anyway: whoever does not hear himself hears nobody. Thread-safe.
/// </summary>
internal sealed class LockListener : IDisposable
{
    private const string Beat = "b";
    private const string Lock = "l";
    private const string Seek = "s";

    private const int KeyLength = 64;

    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DeafAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);

    private readonly IConnectionMultiplexer _redis;
    private readonly TimeProvider _time;
    private readonly Action<string> _onLock;
    private readonly Action<string, long> _onSeek;
    private readonly string _self = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
    private long _heard = long.MinValue;   // a timestamp
    private long _said = long.MinValue;
    private long _tried = long.MinValue;
    private int _isSubscribed;
    private int _epoch;
    private int _breaks;

    public LockListener(IConnectionMultiplexer redis, string prefix, TimeProvider time, Action<string> onLock, Action<string, long> onSeek)
    {
        (_redis, _time, _onLock, _onSeek) = (redis, time, onLock, onSeek);
        Channel = RedisChannel.Literal($"{prefix}locks");
        _redis.ConnectionFailed += OnBreak;
        _redis.ConnectionRestored += OnBreak;
    }

    public RedisChannel Channel { get; }

    /// <summary>Another number after every time in which nothing was heard: what was known before may have changed unheard.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    /// <summary>Whether a lock that was set some seconds ago has been heard of.</summary>
    public bool IsHearing => Volatile.Read(ref _heard) is var heard && heard != long.MinValue && _time.GetElapsedTime(heard) < DeafAfter;

    /// <summary>What to say in any case, with the next question; empty: nothing.</summary>
    public string NextBeat()
    {
        var now = _time.GetTimestamp();
        var said = Volatile.Read(ref _said);
        return Volatile.Read(ref _isSubscribed) != 0 && (said == long.MinValue || _time.GetElapsedTime(said, now) >= BeatEvery) && Interlocked.CompareExchange(ref _said, now, said) == said ? BeatOf(Volatile.Read(ref _breaks)) : "";
    }

    /// <summary>What to say of a session whose lock has changed.</summary>
    public string LockOf(SessionId id) => Lock + _self + id.ToStorageKey();

    /// <summary>What to say of a session that is written for the first time, as far as this instance knows: whoever knows it already looks whether Redis has lost it.</summary>
    public string BirthOf(SessionId id) => FormattableString.Invariant($"{Seek}{_self}{id.ToStorageKey()}0");

    /// <summary>Asks who knows more of a session than this writing of it.</summary>
    public async ValueTask SeekAsync(SessionId id, long number) =>
        await _redis.GetSubscriber().PublishAsync(Channel, FormattableString.Invariant($"{Seek}{_self}{id.ToStorageKey()}{number}"));

    /// <summary>Begins to listen, where that has not succeeded yet.</summary>
    public async ValueTask ListenAsync()
    {
        var tried = Volatile.Read(ref _tried);
        if (Volatile.Read(ref _isSubscribed) != 0 || (tried != long.MinValue && _time.GetElapsedTime(tried) < TryEvery) || Interlocked.CompareExchange(ref _tried, _time.GetTimestamp(), tried) != tried)
        {
            return;
        }

        await _redis.GetSubscriber().SubscribeAsync(Channel, OnMessage);
        Volatile.Write(ref _isSubscribed, 1);   // from now on the client does it again by itself
    }

    public void Dispose()
    {
        _redis.ConnectionFailed -= OnBreak;
        _redis.ConnectionRestored -= OnBreak;
        _redis.GetSubscriber().Unsubscribe(Channel, OnMessage, CommandFlags.FireAndForget);
    }

    /// <summary>One that was said before a break says nothing of what is heard after it.</summary>
    private string BeatOf(int breaks) => FormattableString.Invariant($"{Beat}{_self}{breaks}");

    private void OnBreak(object? sender, ConnectionFailedEventArgs e)
    {
        Interlocked.Increment(ref _breaks);
        Interlocked.Increment(ref _epoch);
        Volatile.Write(ref _heard, long.MinValue);
        Volatile.Write(ref _said, long.MinValue);
    }

    private void OnMessage(RedisChannel channel, RedisValue message)
    {
        var text = (string?)message ?? "";
        if (string.Equals(text, BeatOf(Volatile.Read(ref _breaks)), StringComparison.Ordinal))
        {
            if (!IsHearing)
            {
                Interlocked.Increment(ref _epoch);   // before it counts: what was asked until now was asked unheard
            }

            Volatile.Write(ref _heard, _time.GetTimestamp());
        }
        else if (text.Length >= Lock.Length + _self.Length + KeyLength && !text.AsSpan(Lock.Length).StartsWith(_self, StringComparison.Ordinal))
        {
            var key = text.Substring(Lock.Length + _self.Length, KeyLength);
            if (text.StartsWith(Lock, StringComparison.Ordinal))
            {
                _onLock(key);
            }
            else if (text.StartsWith(Seek, StringComparison.Ordinal) && long.TryParse(text.AsSpan(Lock.Length + _self.Length + KeyLength), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _onSeek(key, number);
            }
        }
    }
}
