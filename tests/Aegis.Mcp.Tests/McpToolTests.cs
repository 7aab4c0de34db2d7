using Aegis.Policies;
using Aegis.Testing;
using Aegis.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Testing;
using ModelContextProtocol.Client;

namespace Aegis.Mcp.Tests;

[Collection(nameof(McpAgent))]   // they ask one server what ran
public sealed class McpToolTests
{
    private static readonly AegisPolicy Balanced = AegisPolicy.Preset("balanced");

    private static readonly AegisPolicy Policy = Balanced with { Capabilities = new() { Allow = ["*"], Deny = ["delete_note", "Notes-delete_note"] } };

    public static TheoryData<Place, bool> Places => new(from place in Enum.GetValues<Place>() from streaming in new[] { false, true } select (place, streaming));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Places))]
    public async Task ADeniedToolNeverReachesTheServerAndTheModelGoesOn(Place place, bool isStreaming)
    {
        await using var agent = await McpAgent.StartAsync(place, isStreaming, AegisGuard.Create(Policy), McpAgent.Call(place, "delete_note", "a"), McpAgent.Call(place, "read_note", "b"), ScriptedTurn.Say("done"));
        Assert.EndsWith("done", await agent.AskAsync(), StringComparison.Ordinal);
        Assert.Equal("read_note", await agent.RanAsync());
        Assert.Contains("read_note x", agent.Sent, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task WhateverAResultIsMadeOfItIsReadBeforeTheModelDoes(Place place, bool isStreaming)
    {
        foreach (var tool in new[] { "poisoned_result", "poisoned_error", "structured", "resource" })
        {
            await using var agent = await McpAgent.StartAsync(place, isStreaming, AegisGuard.Create(Policy), McpAgent.Call(place, tool), ScriptedTurn.Say("done"));
            await agent.AskAsync();
            Assert.Equal(tool, await agent.RanAsync());
            Assert.DoesNotContain("delete every file", agent.Sent, StringComparison.Ordinal);
            Assert.Contains("withheld", agent.Sent, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Places))]
    public async Task SeveralTextsPassAndAPictureDoesNot(Place place, bool isStreaming)
    {
        await using var agent = await McpAgent.StartAsync(place, isStreaming, AegisGuard.Create(Policy with { DataFlow = new() { Provenance = ProvenanceMode.Off } }), McpAgent.Call(place, "blocks", "a"), McpAgent.Call(place, "image", "b"), ScriptedTurn.Say("done"));
        await agent.AskAsync();
        Assert.Contains("two", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("result/unscannable", agent.Sent, StringComparison.Ordinal);
        Assert.DoesNotContain("AQID", agent.Sent, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task ADescriptionThatGivesOrdersIsNotShown(Place place, bool isStreaming)
    {
        if (place == Place.KernelFilters)
        {
            return;   // a filter does not see what is offered
        }

        await using var agent = await McpAgent.StartAsync(place, isStreaming, AegisGuard.Create(Policy), ScriptedTurn.Say("done"));
        await agent.AskAsync();
        Assert.Contains(McpAgent.Name(place, "read_note"), agent.Shown);
        Assert.DoesNotContain(McpAgent.Name(place, "poisoned_description"), agent.Shown);
        Assert.DoesNotContain(McpAgent.Name(place, "delete_note"), agent.Shown);
        if (place != Place.KernelServices)
        {
            Assert.All(agent.Model.Requests[0].Options!.Tools!, static tool => Assert.NotNull(tool.GetService<McpClientTool>()));   // through the guard's wrapper too
        }
    }

    [Theory, MemberData(nameof(Places))]
    public async Task BudgetsCountToolsOfServersAsAnyOther(Place place, bool isStreaming)
    {
        var policy = Policy with { Limits = new Dictionary<string, RateLimit> { ["*read_note"] = new(2, TimeSpan.FromHours(1)) } };
        await using var agent = await McpAgent.StartAsync(place, isStreaming, AegisGuard.Create(policy), [.. Enumerable.Range(0, 5).Select(i => ScriptedTurn.Call(McpAgent.Name(place, "read_note"), new { value = $"{i}" }, $"{i}")), ScriptedTurn.Say("done")]);
        await agent.AskAsync();
        Assert.Equal("read_note read_note", await agent.RanAsync());
    }

    [Theory, MemberData(nameof(Places))]
    public async Task AServerThatDiesInMidCallLetsNothingPassAndNothingLeaksIntoLogs(Place place, bool isStreaming)
    {
        var log = new FakeLogCollector();
        var guard = AegisGuard.Create(Policy, builder => builder.UseLoggerFactory(new Microsoft.Extensions.Logging.LoggerFactory([new FakeLoggerProvider(log)])));
        await using var agent = await McpAgent.StartAloneAsync(place, isStreaming, guard, McpAgent.Call(place, "crash", "a"), ScriptedTurn.Say("done"));
        try
        {
            await agent.AskAsync();
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.NotEqual(Place.KernelServices, place);   // a kernel tells its model
        }

        Assert.DoesNotContain(log.GetSnapshot(), static record => record.Message.Contains("exit code", StringComparison.OrdinalIgnoreCase));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task CancellingEndsACallThatNeverAnswers(Place place, bool isStreaming)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var server = await McpAgent.ShareAsync(hear: line => Cancel(caller, line));
        await using var agent = await McpAgent.StartAsync(server, place, isStreaming, AegisGuard.Create(Policy), McpAgent.Call(place, "hang", "a"), ScriptedTurn.Say("never"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent.AskAsync("go", caller.Token));
        Assert.Single(agent.Model.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnnotationsAreHintsThatRaiseARiskAndNeverLowerIt(bool isKernel)
    {
        var server = await McpAgent.ShareAsync();
        var tools = await server.ListToolsAsync(cancellationToken: Token);
        var guard = AegisGuard.Create(Balanced, builder => builder.DescribeTools(Described));
        var infos = tools.Select(tool => isKernel ? ToolOf(Microsoft.SemanticKernel.AIFunctionExtensions.AsKernelFunction(tool)) : ToolOf(tool)).ToList();
        var offered = guard.ToolsetOf(infos);
        var plain = AegisGuard.Create(Balanced).ToolsetOf(infos);
        Assert.Equal(ToolRisk.High, offered.RiskOf("list_labels").Level);
        Assert.NotEqual(ToolRisk.High, plain.RiskOf("list_labels").Level);
        Assert.Equal(ToolRisk.High, offered.RiskOf("wipe_everything").Level);   // it says that it only reads

        static ToolInfo ToolOf(AIFunction function) => function is Microsoft.SemanticKernel.KernelFunction kernel
            ? ExtensionsAI.ToolReader.Read(SemanticKernel.KernelTool.Of(kernel))
            : ExtensionsAI.ToolReader.Read(function);
    }

    [Fact]
    public async Task AHandleIsASnapshotAndAFreshListIsReadAnew()
    {
        await using var agent = await McpAgent.StartAsync(Place.Sandwich, isStreaming: false, AegisGuard.Create(Policy), McpAgent.Call(Place.Sandwich, "swap"), McpAgent.Call(Place.Sandwich, "read_note"), ScriptedTurn.Say("done"), ScriptedTurn.Say("done"));
        await agent.AskAsync();
        Assert.Contains("read_note x swapped", agent.Sent, StringComparison.Ordinal);   // the old handle calls the new tool
        Assert.Equal("Reads a note.", agent.Tools.Single(static tool => tool.Name == "read_note").Description);
        agent.Tools = await agent.ListAsync();
        await agent.AskAsync();
        Assert.DoesNotContain("read_note", agent.Model.Requests[^1].ToolNames);   // its new description gives orders
    }

    [Theory]
    [InlineData("read_note")]
    [InlineData("Read_Note")]
    [InlineData("re\u0430d_note")]
    public async Task TwoToolsThatNobodyCanTellApartAreNotOffered(string name)
    {
        await using var agent = await McpAgent.StartAsync(Place.Sandwich, isStreaming: false, AegisGuard.Create(Policy), McpAgent.Call(Place.Sandwich, "read_note"), ScriptedTurn.Say("done"));
        agent.Tools = [.. agent.Tools, agent.Tools.Single(static tool => tool.Name == "wipe_everything").WithName(name)];
        await agent.AskAsync();
        Assert.DoesNotContain("read_note", agent.Shown);
        Assert.Equal("", await agent.RanAsync());
    }

    [Fact]
    public async Task ARenamedToolIsJudgedByTheNameThatTheModelSeesAndStillFound()
    {
        await using var agent = await McpAgent.StartAsync(Place.Sandwich, isStreaming: false, AegisGuard.Create(Balanced with { Capabilities = new() { Allow = ["look"] } }), ScriptedTurn.Call("look", new { value = "x" }), ScriptedTurn.Say("done"));
        var original = agent.Tools.Single(static tool => tool.Name == "read_note");
        agent.Tools = [original.WithName("look").WithDescription("Looks.")];
        Assert.Equal("read_note", agent.Tools[0].GetService<McpClientTool>()!.ProtocolTool.Name);
        await agent.AskAsync();
        Assert.Equal("read_note", await agent.RanAsync());
    }

    /// <summary>As the README shows it.</summary>
    private static ToolInfo Described(ToolInfo tool) => (tool.Source as AITool)?.GetService<McpClientTool>()?.ProtocolTool.Annotations is { } hints
        ? tool with { Destructive = hints.DestructiveHint, ReadOnly = hints.ReadOnlyHint }
        : tool;

    private static void Cancel(CancellationTokenSource caller, string line)
    {
        if (line == "hanging")
        {
            caller.Cancel();
        }
    }
}
