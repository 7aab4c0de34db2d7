using StackExchange.Redis;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/sessions.md.</summary>
public class SessionSnippets
{
    [Fact]
    public async Task SessionsInRedis()
    {
        const string endpoint = "127.0.0.1:1";   // nobody is there
        // <redis>
        var redis = await ConnectionMultiplexer.ConnectAsync($"{endpoint},abortConnect=false");
        using var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"), aegis => aegis.UseRedis(redis));
        // </redis>
        var outcome = await guard.InspectAsync(new UserInput("hello"), new SessionId("c-1", "ann"), TestContext.Current.CancellationToken);
        Assert.Equal("session/unavailable", outcome.Verdict.Rule);   // and not "allow"
        await redis.DisposeAsync();
    }
}
