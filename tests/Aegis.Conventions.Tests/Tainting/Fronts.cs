using System.IO.Pipelines;
using System.Net.Http.Json;
using System.Text.Json;
using Aegis.AgentFramework.Tests;
using Microsoft.Agents.AI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;
using FunctionResultContent = Microsoft.Extensions.AI.FunctionResultContent;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace Aegis.Conventions.Tests.Tainting;

/// <summary>The same turns by way of each framework.</summary>
internal static class Fronts
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SessionId Session { get; } = new("c-1", "ann");

    public static async Task RunAsync(string front, Stage stage)
    {
        switch (front)
        {
            case "ExtensionsAI":
                await ClientAsync(stage, [.. Tools.Functions]);
                break;
            case "Mcp":
                await McpAsync(stage);
                break;
            case "SemanticKernel":
                await KernelAsync(stage);
                break;
            case "AgentFramework":
                await AgentAsync(stage);
                break;
            default:
                await WebAsync(stage);
                break;
        }
    }

    /// <summary>What a framework calls the tools.</summary>
    public static string PrefixOf(string front) => front == "SemanticKernel" ? "Shop-" : "";

    private static async Task ClientAsync(Stage stage, IList<AITool> tools)
    {
        var client = stage.Model.AsBuilder().UseAegisFunctionInvocation(stage.Guard).Build();
        var history = new List<ChatMessage>();
        foreach (var stream in new[] { false, true })
        {
            foreach (var turn in Stage.Turns)
            {
                await AskAsync([new(ChatRole.System, $"Be kind, {Taint.Word}."), new(ChatRole.User, turn)], stream);
            }
        }

        await AskAsync([new(ChatRole.User, [new TextContent("What is this? turn:hello"), Tools.Picture])], stream: false);
        await AskAsync([new(ChatRole.User, "Hi"), new(ChatRole.Assistant, $"I have said {Taint.Word}."), new(ChatRole.User, "Go on. turn:hello")], stream: false);
        await AskAsync([new(ChatRole.User, "Hi"), new(ChatRole.Assistant, [new FunctionCallContent("c", "note")]), new(ChatRole.Tool, [new FunctionResultContent("c", Tools.Injection)]), new(ChatRole.User, "Go on. turn:hello")], stream: false);

        async Task AskAsync(ChatMessage[] messages, bool stream)
        {
            using var scope = AegisScope.Begin(Session);
            try
            {
                if (stream)
                {
                    await foreach (var update in client.GetStreamingResponseAsync(messages, new() { Tools = tools }, Cancel))
                    {
                        stage.Hand(update.AdditionalProperties);
                    }
                }
                else
                {
                    stage.Hand((await client.GetResponseAsync(messages, new() { Tools = tools }, Cancel)).AdditionalProperties);
                }
            }
            catch (Exception e) when (!Cancel.IsCancellationRequested)
            {
                stage.Hand(e);
            }
        }
    }

    /// <summary>The tools of a server on the other end of two pipes.</summary>
    private static async Task McpAsync(Stage stage)
    {
        var (there, back) = (new Pipe(), new Pipe());
        await using var server = McpServer.Create(new StreamServerTransport(there.Reader.AsStream(), back.Writer.AsStream(), "shop", stage.Loggers), new()
        {
            Capabilities = new() { Tools = new() },
            ServerInfo = new() { Name = "shop", Version = "1.0.0" },
            Handlers = new()
            {
                ListToolsHandler = static (_, _) => new(new ListToolsResult { Tools = [.. Tools.All.Select(static tool => new Tool { Name = tool.Key, Description = tool.Value.Description, InputSchema = JsonElement.Parse("""{"type":"object","properties":{"value":{"type":"string"}}}""") })] }),
                CallToolHandler = static (request, _) => new(new CallToolResult { Content = [new TextContentBlock { Text = Tools.All[request.Params!.Name].Run($"{request.Params.Arguments?["value"]}") }] }),
            },
        });
        var serving = server.RunAsync(Cancel);
        await using var client = await McpClient.CreateAsync(new StreamClientTransport(there.Writer.AsStream(), back.Reader.AsStream()), cancellationToken: Cancel);
        await ClientAsync(stage, [.. await client.ListToolsAsync(cancellationToken: Cancel)]);
        Assert.False(serving.IsFaulted);
    }

    private static async Task KernelAsync(Stage stage)
    {
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton(stage.Loggers);
        builder.Services.AddSingleton(stage.Model.AsChatCompletionService());
        builder.AddAegis(stage.Guard);
        var kernel = builder.Build();
        kernel.Plugins.AddFromFunctions("Shop", Tools.Functions.Select(static function => function.AsKernelFunction()));
        var service = kernel.GetRequiredService<IChatCompletionService>();
        var settings = new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        foreach (var stream in new[] { false, true })
        {
            foreach (var turn in Stage.Turns)
            {
                using var scope = AegisScope.Begin(Session);
                try
                {
                    var history = new ChatHistory($"Be kind, {Taint.Word}.");
                    history.AddUserMessage(turn);
                    if (stream)
                    {
                        await foreach (var chunk in service.GetStreamingChatMessageContentsAsync(history, settings, kernel, Cancel))
                        {
                            stage.Outputs.Add("refusal", chunk.Metadata?.GetValueOrDefault("aegis")?.ToString());
                        }
                    }
                    else
                    {
                        var answers = await service.GetChatMessageContentsAsync(history, settings, kernel, Cancel);
                        stage.Outputs.Add("refusal", answers[^1].Metadata?.GetValueOrDefault("aegis")?.ToString());
                    }
                }
                catch (Exception e) when (!Cancel.IsCancellationRequested)
                {
                    stage.Hand(e);
                }
            }
        }
    }

    private static async Task AgentAsync(Stage stage)
    {
        var agent = new TestAgent(stage.Model.AsBuilder().UseAegisFunctionInvocation(stage.Guard).Build(), givesClientAway: true, [.. Tools.Functions]).WithAegis(stage.Guard);
        foreach (var stream in new[] { false, true })
        {
            foreach (var turn in Stage.Turns)
            {
                var session = await agent.CreateSessionAsync(Cancel);
                using var scope = AegisScope.Begin(Session);
                try
                {
                    if (stream)
                    {
                        await foreach (var update in agent.RunStreamingAsync(turn, session, cancellationToken: Cancel))
                        {
                            stage.Hand(update.AdditionalProperties);
                        }
                    }
                    else
                    {
                        stage.Hand((await agent.RunAsync(turn, session, cancellationToken: Cancel)).AdditionalProperties);
                    }
                }
                catch (Exception e) when (!Cancel.IsCancellationRequested)
                {
                    stage.Hand(e);
                }
            }
        }
    }

    /// <summary>A service: what is not an answer is kept, its health as well.</summary>
    private static async Task WebAsync(Stage stage)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(stage.Outputs);
        builder.Services.AddProblemDetails().AddExceptionHandler<AegisExceptionHandler>();
        builder.Services.AddSingleton(stage.Guard).AddDataProtection();
        builder.Services.AddHealthChecks().AddAegis();
        builder.Services.AddChatClient(stage.Model).UseAegisFunctionInvocation(stage.Guard);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseExceptionHandler();
        app.UseAegisSession(new() { Anonymous = AnonymousUsers.Visitor });
        app.MapHealthChecks("/health", new() { ResponseWriter = static (context, report) => context.Response.WriteAsJsonAsync(report.Entries.ToDictionary(static entry => entry.Key, static entry => new { Status = $"{entry.Value.Status}", entry.Value.Description, entry.Value.Data })) }).DisableAegisSession();
        app.MapPost("/chat/{conversationId?}", async (JsonElement body, IChatClient client, HttpContext context) =>
        {
            var options = new ChatOptions { Tools = [.. Tools.Functions] };
            if (context.Request.Query.ContainsKey("stream"))
            {
                return Results.Text(string.Concat(await client.GetStreamingResponseAsync(body.GetProperty("text").GetString()!, options, context.RequestAborted).Select(static update => update.Text).ToListAsync(context.RequestAborted)));
            }

            return Results.Text((await client.GetResponseAsync(body.GetProperty("text").GetString()!, options, context.RequestAborted)).Text);
        });
        await app.StartAsync(Cancel);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        foreach (var query in new[] { "", "?stream" })
        {
            foreach (var turn in Stage.Turns)
            {
                using var response = await http.PostAsJsonAsync(new Uri($"/chat/c-1{query}", UriKind.Relative), new { text = turn }, Cancel);
                if (!response.IsSuccessStatusCode)
                {
                    stage.Outputs.Add("problem", $"{response} {await response.Content.ReadAsStringAsync(Cancel)}");
                }
            }
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/chat", UriKind.Relative)) { Content = JsonContent.Create(new { text = "Hi" }), Headers = { { "X-Conversation-Id", $"{Taint.Word} {Taint.Word}" } } };
        using var bad = await http.SendAsync(request, Cancel);
        stage.Outputs.Add("problem", $"{bad} {await bad.Content.ReadAsStringAsync(Cancel)}");
        stage.Outputs.Add("health", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Cancel));
    }
}
