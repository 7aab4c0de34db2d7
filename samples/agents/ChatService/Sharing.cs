using Aegis;
using Aegis.Testing;
using StackExchange.Redis;

namespace ChatService;

/// <summary>What instances of this service remember together.</summary>
internal static class Sharing
{
    public const string Prefix = "chat:";

    private const int LeastKey = 32;

    /// <summary>
    /// Redis when <c>Aegis:Redis</c> has a connection string: sessions, what entered them, and histories. A folder when <c>Aegis:Sessions</c> names one: sessions
    /// alone, for tests on one machine. Else nothing.
    /// </summary>
    public static void AddSharing(this IServiceCollection services, AegisBuilder aegis, IConfiguration configuration)
    {
        if (configuration["Aegis:Redis"] is { Length: > 0 } connection)
        {
            services.AddRedis(aegis, connection, KeyOf(configuration), new() { Prefix = Prefix, Timeout = configuration.GetValue("Aegis:RedisTimeout", new RedisSessionOptions().Timeout) });
            return;
        }

        services.AddSingleton<IHistories, MemoryHistories>();
        if (configuration["Aegis:Sessions"] is { Length: > 0 } folder)
        {
            aegis.UseSessionStore(new FileSessionStore(folder));
        }
    }

    /// <summary>The service starts without Redis, and blocks until it is there.</summary>
    private static void AddRedis(this IServiceCollection services, AegisBuilder aegis, string connection, byte[] key, RedisSessionOptions options)
    {
        var how = ConfigurationOptions.Parse(connection);
        (how.AbortOnConnectFail, how.BacklogPolicy) = (false, BacklogPolicy.FailFast);
        if (how.EndPoints.Count == 0)
        {
            throw new InvalidOperationException("Aegis:Redis names no server. Write host:port, for example 127.0.0.1:6379, or nothing to do without Redis.");
        }

        var redis = ConnectionMultiplexer.Connect(how);
        aegis.UseRedis(redis, options).UseRedisProvenance(redis, key, options);
        services.AddSingleton<IConnectionMultiplexer>(_ => redis).AddSingleton<IHistories, RedisHistories>();   // made here, so that the services dispose of it
    }

    private static byte[] KeyOf(IConfiguration configuration)
    {
        var text = configuration["Aegis:ProvenanceKey"] ?? "";
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length >= LeastKey
            ? key[..length]
            : throw new InvalidOperationException("With Aegis:Redis, Aegis:ProvenanceKey must be 32 random bytes or more in base64, the same at all instances. 'openssl rand -base64 32' makes them; keep them among the secrets, not in appsettings.json.");
    }
}
