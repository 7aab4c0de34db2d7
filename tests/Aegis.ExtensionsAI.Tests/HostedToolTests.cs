using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Tools that the provider runs are judged by kind and server.</summary>
public class HostedToolTests
{
    private readonly ScriptedChatClient _model = new();

    private IChatClient Client(params string[] allow) => _model.AsBuilder().UseAegis(Some.Balanced with { Capabilities = new() { Allow = allow } }).Build();

    [Fact]
    public async Task OnlyKindsThatThePolicyAllowsAreOffered()
    {
        var options = Some.With(new HostedWebSearchTool(), new HostedCodeInterpreterTool(), new HostedFileSearchTool());
        await Client("hosted:web_search").GetResponseAsync("hi", options);
        Assert.IsType<HostedWebSearchTool>(Assert.Single(_model.Requests[0].Options!.Tools!));
        Assert.Equal(3, options.Tools!.Count);
    }

    [Fact]
    public async Task AnMcpServerIsJudgedByItsNameAndItsToolsOneByOne()
    {
        var good = new HostedMcpServerTool("docs", "https://docs.example/mcp") { AllowedTools = ["search", "delete_page"], ApprovalMode = HostedMcpServerToolApprovalMode.NeverRequire };
        var bad = new HostedMcpServerTool("evil", "https://evil.example/mcp");
        await Client("mcp:docs", "mcp:docs/search").GetResponseAsync("hi", Some.With(good, bad));
        var sent = Assert.IsType<HostedMcpServerTool>(Assert.Single(_model.Requests[0].Options!.Tools!));
        Assert.Equal(["search"], sent.AllowedTools!);
        Assert.Equal(HostedMcpServerToolApprovalMode.AlwaysRequire, sent.ApprovalMode);
        Assert.Equal(HostedMcpServerToolApprovalMode.NeverRequire, good.ApprovalMode);
    }

    [Fact]
    public async Task WhatADeniedServerToolReturnedIsNotShown()
    {
        var model = new ScriptedChatClient(ScriptedTurn.Say("the page says 42") with { Extra = [new McpServerToolCallContent("c1", "delete_page", "docs"), new McpServerToolResultContent("c1") { Outputs = [new TextContent("gone")] }] });
        var client = model.AsBuilder().UseAegis(Some.Balanced with { Capabilities = new() { Allow = ["mcp:docs", "mcp:docs/search"] } }).Build();
        var response = await client.GetResponseAsync("hi", Some.With(new HostedMcpServerTool("docs", "https://docs.example/mcp")));
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.NotEmpty(Some.Rules(response));
    }

    [Fact]
    public async Task RunsOfTheCodeSandboxAreCounted()
    {
        var model = new ScriptedChatClient(static (_, _) => ScriptedTurn.Say("ran") with { Extra = [new CodeInterpreterToolCallContent("c1")] });
        var client = model.AsBuilder().UseAegis(Some.Balanced with { DenialOfWallet = new() { MaxSandboxTriggers = 2 } }).Build();
        using var scope = AegisScope.Begin("c1");
        var options = Some.With(new HostedCodeInterpreterTool());
        Assert.Equal("ran", (await client.GetResponseAsync("a", options)).Text);
        Assert.Equal("ran", (await client.GetResponseAsync("b", options)).Text);
        Assert.Equal(["wallet/sandbox-triggers"], Some.Rules(await client.GetResponseAsync("c", options)));
    }

    [Fact]
    public async Task AYesToOneCallOfAServerCoversNoOtherWithItsId()
    {
        static McpServerToolCallContent Call(string page) => new("c1", "delete_page", "docs") { Arguments = new Dictionary<string, object?> { ["id"] = page } };
        var recorder = new Some.Recorder();
        var model = new ScriptedChatClient(ScriptedTurn.Say("") with { Extra = [new ToolApprovalRequestContent("r1", Call("1"))] }, ScriptedTurn.Say("done") with { Extra = [Call("ALL")] });
        var client = model.AsBuilder().UseAegis(Some.Balanced, builder => builder.AddSink(recorder)).Build();
        using var scope = AegisScope.Begin("c1");
        var options = Some.With(new HostedMcpServerTool("docs", "https://docs.example/mcp"));
        var asked = await client.GetResponseAsync("hi", options);
        var question = asked.Messages.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>().Single();
        await client.GetResponseAsync([new(ChatRole.User, "hi"), .. asked.Messages, new(ChatRole.User, [question.CreateResponse(true)])], options);
        Assert.Equal(2, recorder.Events.Count(static e => e.Checkpoint == Checkpoint.ToolArguments));   // the one that was approved, and the one that ran
    }
}
