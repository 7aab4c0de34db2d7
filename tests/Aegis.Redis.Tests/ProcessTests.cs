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

    [Fact]
    public async Task StepsOfRunsInTwoProcessesAreCountedExactlyThoughTheyShareTheSession()
    {
        var policy = Policy("""{ "version": 1, "capabilities": { "allow": ["*"] }, "agentLoop": { "maxSteps": 7 } }""");
        using var one = await Worker.StartAsync(server, _prefix, policy);
        using var other = await Worker.StartAsync(server, _prefix, policy);

        Assert.Equal(["7", "7"], await Task.WhenAll(one.AskAsync("steps s 200"), other.AskAsync("steps s 200")));   // a run is in one process; none takes or gives steps of the other's
        Assert.Equal(["0", "0"], await Task.WhenAll(one.AskAsync("steps s 20"), other.AskAsync("steps s 20")));
    }

    [Fact]
    public async Task ParallelAndNestedSubAgentsInTwoProcessesShareStepsDepthAndTheSessionsBudget()
    {
        var policy = Policy("""
            { "version": 1, "capabilities": { "allow": ["*"] }, "toolIntegrity": null,
              "tools": { "agent": { "sink": false, "output": "trusted" }, "search": { "output": "trusted" } },
              "agentLoop": { "maxSteps": 12, "maxDepth": 2, "repeatedCalls": 1000, "privilegeDecay": { "3": 0.5, "6": 0.25 } },
              "budgets": { "session": { "maxToolCalls": 30, "window": "1h" } } }
            """);
        using var one = await Worker.StartAsync(server, _prefix, policy);
        using var other = await Worker.StartAsync(server, _prefix, policy);

        var ran = (await Task.WhenAll(one.AskAsync("agents s"), other.AskAsync("agents s"))).Select(static answer => answer.Split(' ').Select(static number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        var alone = (await one.AskAsync("agents alone")).Split(' ').Select(static number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();

        Assert.All(ran.Append(alone), static counts =>
        {
            Assert.InRange(counts[0], 1, 12);   // a step has one search, and those of all sub-agents count together
            Assert.InRange(counts[2], 1, 2);
            Assert.Equal(0, counts[3]);   // what was taken away does not come back
        });
        Assert.Equal(12, alone[0]);
        Assert.InRange(ran.Sum(static counts => counts[0] + counts[1]), 29, 30);   // of 32 that both could have made; a step is charged whole
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
