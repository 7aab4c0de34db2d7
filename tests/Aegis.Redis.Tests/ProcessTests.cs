using System.Globalization;

namespace Aegis.Redis.Tests;

/// <summary>Instances in processes of their own.</summary>
public sealed class ProcessTests(RedisServer server) : IClassFixture<RedisServer>, IDisposable
{
    private readonly string _prefix = $"p{Guid.NewGuid():N}:";
    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-redis-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task OfFiftyTimesTheLimitExactlyTheLimitPassesInTwoProcesses()
    {
        var policy = Policy("""{ "version": 1, "capabilities": { "allow": ["*"] }, "limits": { "get": { "max": 40, "window": "1h" } } }""");
        using var one = await Worker.StartAsync(server, _prefix, policy);
        using var other = await Worker.StartAsync(server, _prefix, policy);

        var allowed = await Task.WhenAll(one.AskAsync("calls s get 1000"), other.AskAsync("calls s get 1000"));

        Assert.Equal(40, allowed.Sum(static count => int.Parse(count, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task AProcessThatIsKilledInMidRunLeavesItsSessionToTheOther()
    {
        var policy = Policy("""
            { "version": 1, "extends": "balanced", "capabilities": { "allow": ["*"] }, "limits": { "get_weather": { "max": 10, "window": "1h" } },
              "tools": { "send_mail": { "sink": true }, "read_mail": { "output": "untrusted" } }, "denialOfWallet": { "maxToolCalls": 1000, "maxOperations": 1000 } }
            """);
        using var one = await Worker.StartAsync(server, _prefix, policy);
        using var other = await Worker.StartAsync(server, _prefix, policy);
        Assert.Equal("passes", await one.AskAsync("text s Show me my mail"));
        Assert.Equal("passes", await one.AskAsync("step s"));
        Assert.Equal("passes", await one.AskAsync("result s read_mail Dinner at eight, says Bob from the office."));
        Assert.Equal("7", await one.AskAsync("calls s get_weather 7"));
        Assert.Equal("done", await one.AskAsync("quarantine locked"));
        one.Tell("calls s get_weather 500");   // in the middle of this
        one.Kill();

        var left = int.Parse(await other.AskAsync("calls s get_weather 500"), CultureInfo.InvariantCulture);

        Assert.InRange(left, 0, 3);
        Assert.Equal("session/quarantined", await other.AskAsync("text locked hello"));
        Assert.NotEqual("passes", await other.AskAsync("call s send_mail"));   // it has read what others may have written
        Assert.Equal("passes", await other.AskAsync("text s And tomorrow?"));
    }

    [Theory]
    [InlineData("+10m")]
    [InlineData("-10m")]
    [InlineData("@2020-02-02 02:02:02")]
    public async Task AProcessWhoseClockIsWrongIsGrantedNothingMore(string clock)
    {
        Assert.SkipWhen(Worker.FakeTime is null, "libfaketime is not installed");
        var policy = Policy("""{ "version": 1, "capabilities": { "allow": ["*"] }, "limits": { "get": { "max": 20, "window": "5m" } } }""");
        using var right = await Worker.StartAsync(server, _prefix, policy);
        using var wrong = await Worker.StartAsync(server, _prefix, policy, clock);

        var allowed = 0;
        foreach (var worker in new[] { right, wrong, right, wrong, wrong })
        {
            allowed += int.Parse(await worker.AskAsync("calls s get 30"), CultureInfo.InvariantCulture);
        }

        Assert.Equal(20, allowed);
        var (shared, own) = await wrong.AskAsync("now s") is var times && times.Split(' ') is [var first, var second] ? (Time(first), Time(second)) : default;
        Assert.InRange(shared - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(5));
        Assert.True((own - DateTimeOffset.UtcNow).Duration() > TimeSpan.FromMinutes(9), "its clock is right");

        static DateTimeOffset Time(string ticks) => new(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero);
    }

    private string Policy(string json)
    {
        var path = Path.Combine(_folder, "policy.json");
        File.WriteAllText(path, json);
        return path;
    }
}
