using Aegis;
using Aegis.Testing;
using StackExchange.Redis;

namespace ChatService;

/// <summary>Where instances of this service remember sessions together.</summary>
internal static class SharedSessions
{
    /// <summary>Redis when <c>Aegis:Redis</c> has a connection string, a folder when <c>Aegis:Sessions</c> names one, else the memory of this instance.</summary>
    public static IServiceCollection AddSharedSessions(this IServiceCollection services, IConfiguration configuration) =>
        configuration["Aegis:Redis"] is { Length: > 0 } connection ? services.AddRedisSessions(connection, configuration.GetValue("Aegis:RedisTimeout", new RedisSessionOptions().Timeout))
        : configuration["Aegis:Sessions"] is { Length: > 0 } folder ? services.AddSingleton<ISessionStore>(provider => new FileSessionStore(folder, provider.GetService<TimeProvider>()))
        : services;

    /// <summary>The service starts without Redis, and blocks until it is there. How long an answer may take says <c>Aegis:RedisTimeout</c>.</summary>
    private static IServiceCollection AddRedisSessions(this IServiceCollection services, string connection, TimeSpan timeout)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        return services
            .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(options))
            .AddSingleton<ISessionStore>(provider => new RedisSessionStore(provider.GetRequiredService<IConnectionMultiplexer>(), new() { Prefix = "chat:", Timeout = timeout }));
    }
}
