using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using System.Text;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using ModelContextProtocol.Client;
using OpenAI;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;
using FunctionResultContent = Microsoft.Extensions.AI.FunctionResultContent;

namespace Aegis.Mcp.Tests;

/// <summary>An agent whose tools are those of a server over standard input and output, in one place.</summary>
internal sealed class McpAgent : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<McpClient>>> Shared = new(StringComparer.Ordinal);
    private static Action<string>? _hear;   // for the test that has the servers now

    private readonly Place _place;
    private readonly bool _isStreaming;
    private readonly AegisGuard _guard;
    private readonly McpClient _server;
    private bool _isAlone;

    private McpAgent(Place place, bool isStreaming, AegisGuard guard, ScriptedTurn[] turns, McpClient server, IList<McpClientTool> tools)
    {
        (_place, _isStreaming, _guard, _server, Tools) = (place, isStreaming, guard, server, tools);
        Model = new ScriptedChatClient(turns);
    }

    /// <summary>The tools, as they were when they were listed.</summary>
    public IList<McpClientTool> Tools { get; set; }

    /// <summary>What the app makes of the tools, in the order in which it offers them; as they are, unless a test says otherwise.</summary>
    public Func<IList<McpClientTool>, IEnumerable<AIFunction>> Offer { get; set; } = static tools => tools;

    /// <summary>What else a kernel has.</summary>
    public Action<Kernel> Furnish { get; set; } = static _ => { };

    /// <summary>What is around the request.</summary>
    public Func<IDisposable?> Around { get; set; } = static () => null;

    public ScriptedChatClient Model { get; }

    /// <summary>Everything that the model was sent.</summary>
    public string Sent { get; private set; } = "";

    /// <summary>Names of the tools that the model was shown first.</summary>
    public IReadOnlyList<string> Shown => Model.Requests[0].ToolNames;

    /// <summary>A tool's name as the model writes it.</summary>
    public static string Name(Place place, string tool) => place is Place.KernelFilters or Place.KernelServices ? $"Notes-{tool}" : tool;

    public static ScriptedTurn Call(Place place, string tool, string id = "") => ScriptedTurn.Call(Name(place, tool), new { value = "x" }, id);

    /// <summary>An agent with a server that the tests of a collection share, one after the other.</summary>
    public static async Task<McpAgent> StartAsync(Place place, bool isStreaming, AegisGuard guard, params ScriptedTurn[] turns) =>
        await StartAsync(await ShareAsync(), place, isStreaming, guard, turns);

    /// <summary>An agent with a server of its own, which it may end.</summary>
    public static async Task<McpAgent> StartAloneAsync(Place place, bool isStreaming, AegisGuard guard, params ScriptedTurn[] turns)
    {
        var agent = await StartAsync(await ConnectAsync("notes"), place, isStreaming, guard, turns);
        agent._isAlone = true;
        return agent;
    }

    /// <summary>An agent with somebody else's server.</summary>
    public static async Task<McpAgent> StartAsync(McpClient server, Place place, bool isStreaming, AegisGuard guard, params ScriptedTurn[] turns)
    {
        return new(place, isStreaming, guard, turns, server, await server.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    /// <summary>A server that the tests of a collection share, as it was when it began: a process takes longer to start than a test to run.</summary>
    /// <param name="role">Which of the servers it is.</param>
    /// <param name="hear">Hears what the server writes to its standard error, until another test begins.</param>
    public static async Task<McpClient> ShareAsync(string role = "notes", Action<string>? hear = null)
    {
        _hear = hear;
        var server = await Shared.GetOrAdd(role, static role => new(() => ConnectAsync(role))).Value;
        await SwapAsync(server, "back");
        await RanAsync(server);
        return server;
    }

    private static async Task<McpClient> ConnectAsync(string role)
    {
        var path = Path.Combine(Repository.Root, "tests", "Assets", "Aegis.McpServer", "bin", Repository.Configuration, "net10.0", "Aegis.McpServer.dll");
        Assert.True(File.Exists(path), "the solution builds the server");
        return await McpClient.CreateAsync(new StdioClientTransport(new() { Command = "dotnet", Arguments = [path, role], Name = role, StandardErrorLines = static line => _hear?.Invoke(line) }));
    }

    public Task<IList<McpClientTool>> ListAsync() => _server.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask();

    /// <summary>What the server says ran.</summary>
    public Task<string> RanAsync() => RanAsync(_server);

    /// <summary>What a server says ran.</summary>
    public static async Task<string> RanAsync(McpClient server)
    {
        var audit = await server.CallToolAsync("audit", cancellationToken: TestContext.Current.CancellationToken);
        return ((ModelContextProtocol.Protocol.TextContentBlock)audit.Content[0]).Text;
    }

    /// <summary>The server changes what it offers.</summary>
    public Task SwapAsync(string how) => SwapAsync(_server, how);

    private static async Task SwapAsync(McpClient server, string how) => await server.CallToolAsync("swap", new Dictionary<string, object?> { ["value"] = how }, cancellationToken: TestContext.Current.CancellationToken);

    public async Task<string> AskAsync(string text = "go", CancellationToken cancellationToken = default)
    {
        try
        {
            using var around = Around();
            return _place is Place.KernelFilters or Place.KernelServices ? await AskKernelAsync(text, cancellationToken) : await AskClientAsync(text, cancellationToken);
        }
        finally
        {
            Sent = string.Join('\n', Model.Requests.SelectMany(static request => request.Messages).SelectMany(static message => message.Contents).Select(static content => content switch
            {
                Microsoft.Extensions.AI.TextContent said => said.Text,
                FunctionResultContent { Result: AIContent result } => result.ToString(),
                FunctionResultContent { Result: IEnumerable<AIContent> results } => string.Join('\n', results),
                FunctionResultContent result => result.Result?.ToString(),
                _ => "",
            }));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isAlone)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task<string> AskClientAsync(string text, CancellationToken cancellationToken)
    {
        var builder = Model.AsBuilder();
        builder = _place switch
        {
            Place.Outside => builder.UseAegis(_guard).UseFunctionInvocation(),
            Place.Inside => builder.UseFunctionInvocation().UseAegis(_guard),
            Place.Sandwich => builder.UseAegisFunctionInvocation(_guard),
            _ => builder.UseAegis(_guard),
        };
        var client = builder.Build();
        List<ChatMessage> messages = [new(ChatRole.User, text)];
        var tools = Offer(Tools).ToList();
        var options = new ChatOptions { Tools = [.. tools] };
        while (true)
        {
            var response = _isStreaming ? await client.GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken) : await client.GetResponseAsync(messages, options, cancellationToken);
            messages.AddRange(response.Messages);
            var calls = response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>().ToList();
            if (_place != Place.Manual || calls.Count == 0)
            {
                return response.Text;
            }

            foreach (var call in calls)
            {
                messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, await tools.First(tool => tool.Name == call.Name).InvokeAsync(new(call.Arguments), cancellationToken))]));
            }
        }
    }

    private async Task<string> AskKernelAsync(string text, CancellationToken cancellationToken)
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(Model, TestContext.Current.CancellationToken);
        var builder = Kernel.CreateBuilder().AddOpenAIChatCompletion("loopback", new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) }));
        builder.Plugins.AddFromFunctions("Notes", Offer(Tools).Select(static tool => tool.AsKernelFunction()));
        var kernel = _place == Place.KernelServices ? builder.AddAegis(_guard).Build() : builder.Build().UseAegis(_guard);
        Furnish(kernel);
        var settings = new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(options: new() { RetainArgumentTypes = true }) };   // servers want numbers as numbers
        var service = kernel.GetRequiredService<IChatCompletionService>();
        if (!_isStreaming)
        {
            return (await service.GetChatMessageContentAsync(text, settings, kernel, cancellationToken)).Content ?? "";
        }

        var said = new StringBuilder();
        await foreach (var chunk in service.GetStreamingChatMessageContentsAsync(text, settings, kernel, cancellationToken))
        {
            said.Append(chunk.Content);
        }

        return said.ToString();
    }
}
