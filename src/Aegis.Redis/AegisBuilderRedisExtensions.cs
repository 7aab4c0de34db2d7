using StackExchange.Redis;

namespace Aegis;

/// <summary>Keeps what a guard remembers in Redis.</summary>
public static class AegisBuilderRedisExtensions
{
    /// <summary>Keeps sessions in Redis, so that all instances of a service share budgets, labels, locks and open questions, and a restart forgets nothing. Alert rules count together too.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="redis">The connection, which stays the caller's. Connect it with <c>AbortOnConnectFail = false</c>, so that the service starts without Redis and blocks until it is there.</param>
    /// <param name="options">How; the defaults unless said otherwise.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static AegisBuilder UseRedis(this AegisBuilder builder, IConnectionMultiplexer redis, RedisSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseSessionStore(new RedisSessionStore(redis, options)).UseAlertWindows(new RedisAlertWindows(redis, options ?? new(), TimeProvider.System));
    }

    /// <summary>Keeps in Redis what entered sessions, sealed, so that what one instance has read counts at all of them, and after a restart.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="redis">The connection, which stays the caller's.</param>
    /// <param name="key">Seals what is kept: at least 32 random bytes, the same at all instances, and not kept in Redis.</param>
    /// <param name="options">How, the same as for the sessions; the defaults unless said otherwise.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The key is too short, or an option is out of its range.</exception>
    public static AegisBuilder UseRedisProvenance(this AegisBuilder builder, IConnectionMultiplexer redis, ReadOnlySpan<byte> key, RedisSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseProvenanceStore(new RedisProvenanceStore(redis, options), key);
    }
}
