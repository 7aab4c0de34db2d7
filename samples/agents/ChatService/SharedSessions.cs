using Aegis;
using Aegis.Testing;

namespace ChatService;

/// <summary>Where instances of this service remember sessions together.</summary>
internal static class SharedSessions
{
    /// <summary>Redis when <c>Aegis:Redis</c> has a connection string, a folder when <c>Aegis:Sessions</c> names one, else the memory of this instance.</summary>
    public static IServiceCollection AddSharedSessions(this IServiceCollection services, IConfiguration configuration) =>
        configuration["Aegis:Redis"] is { Length: > 0 } connection ? services.AddRedisSessions(connection)
        : configuration["Aegis:Sessions"] is { Length: > 0 } folder ? services.AddSingleton<ISessionStore>(provider => new FileSessionStore(folder, provider.GetService<TimeProvider>()))
        : services;

    /// <summary>The one place where Redis comes in: the store of Aegis.Redis.</summary>
    private static IServiceCollection AddRedisSessions(this IServiceCollection services, string connection) =>
        throw new NotSupportedException("Aegis:Redis is set, and this build of the service has no Redis store. Name a folder under Aegis:Sessions, which instances of one machine can share.");
}
