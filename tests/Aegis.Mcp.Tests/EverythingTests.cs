using Aegis.Testing;
using ModelContextProtocol.Client;

namespace Aegis.Mcp.Tests;

/// <summary>A server that others wrote: npm's <c>@modelcontextprotocol/server-everything</c>. Where it is, <c>AEGIS_MCP_EVERYTHING</c> says (the path of its <c>dist/index.js</c>).</summary>
public sealed class EverythingTests
{
    private const string Variable = "AEGIS_MCP_EVERYTHING";

    [Theory]
    [InlineData(Place.Sandwich, false)]
    [InlineData(Place.Sandwich, true)]
    [InlineData(Place.Manual, false)]
    [InlineData(Place.KernelServices, false)]
    [InlineData(Place.KernelServices, true)]
    [InlineData(Place.KernelFilters, false)]
    public async Task ItsToolsWorkUnderTheGuardAndWhatThePolicyDeniesDoesNot(Place place, bool isStreaming)
    {
        await using var server = await ConnectAsync();
        var policy = AegisPolicy.Preset("balanced") with { Capabilities = new() { Allow = ["*"], Deny = ["*get-env"] }, AgentLoop = new() { RepeatedCalls = 100 } };
        var agent = await McpAgent.StartAsync(
            server,
            place,
            isStreaming,
            AegisGuard.Create(policy),
            ScriptedTurn.Call(McpAgent.Name(place, "echo"), new { message = "hello there" }, "a"),
            ScriptedTurn.Call(McpAgent.Name(place, "get-sum"), new { a = 2, b = 40 }, "b"),
            ScriptedTurn.Call(McpAgent.Name(place, "get-env"), new { }, "c"),
            ScriptedTurn.Call(McpAgent.Name(place, "get-tiny-image"), new { }, "d"),
            ScriptedTurn.Call(McpAgent.Name(place, "get-structured-content"), new { location = "New York" }, "e"),
            ScriptedTurn.Call(McpAgent.Name(place, "trigger-long-running-operation"), new { duration = 0.2, steps = 2 }, "f"),
            ScriptedTurn.Say("done"));
        Assert.EndsWith("done", await agent.AskAsync("Say hello, add the numbers, show the picture and the weather, then trigger the long-running operation."), StringComparison.Ordinal);
        Assert.Contains("hello there", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("42", agent.Sent, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("result/unscannable", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("temperature", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("completed", agent.Sent, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<McpClient> ConnectAsync()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"{Variable} does not say where npm's @modelcontextprotocol/server-everything is");
        return await McpClient.CreateAsync(new StdioClientTransport(new() { Command = "node", Arguments = [path!, "stdio"], Name = "everything" }), cancellationToken: TestContext.Current.CancellationToken);
    }
}
