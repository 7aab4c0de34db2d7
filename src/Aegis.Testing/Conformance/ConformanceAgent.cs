using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>An agent in one arrangement, with what happened in it.</summary>
internal sealed class ConformanceAgent : IAsyncDisposable
{
    private readonly ConformanceArrangement _arrangement;
    private readonly LoopbackOpenAIServer? _server;
    private readonly List<string> _ran = [];

    private ConformanceAgent(ConformanceArrangement arrangement, ScriptedChatClient model, LoopbackOpenAIServer? server, AegisGuard guard, Func<ConformanceSetup, IChatClient> pipeline, Action<FunctionInvokingChatClient>? configure)
    {
        (_arrangement, Model, _server) = (arrangement, model, server);
        Client = pipeline(new() { Model = model, Endpoint = server?.Endpoint, Guard = guard, Arrangement = arrangement, ConfigureLoop = configure });
    }

    public ScriptedChatClient Model { get; }

    public IChatClient Client { get; }

    /// <summary>Tools that ran, with their first argument.</summary>
    public IReadOnlyList<string> Ran
    {
        get
        {
            lock (_ran)
            {
                return [.. _ran];
            }
        }
    }

    /// <summary>Everything that left, of all requests.</summary>
    public List<ChatMessage> Left { get; } = [];

    public List<ChatResponseUpdate> Updates { get; } = [];

    public static async Task<ConformanceAgent> StartAsync(
        ConformanceArrangement arrangement, AegisGuard guard, Func<IReadOnlyList<ChatMessage>, ChatOptions?, ScriptedTurn> script, Func<ConformanceSetup, IChatClient> pipeline, Action<FunctionInvokingChatClient>? configure = null)
    {
        var model = new ScriptedChatClient(arrangement is { ServerConversation: true, OverHttp: false } ? Remembering(Ending(script)) : Ending(script)) { ServerSideConversation = arrangement is { ServerConversation: true, OverHttp: false }, AttachRawRepresentation = !arrangement.OverHttp };
        var server = arrangement.OverHttp ? await LoopbackOpenAIServer.StartAsync(model, CancellationToken.None) : null;
        return new(arrangement, model, server, guard, pipeline, configure);
    }

    /// <summary>Nothing here needs more than a hundred model steps; what takes more never ends.</summary>
    private static Func<IReadOnlyList<ChatMessage>, ChatOptions?, ScriptedTurn> Ending(Func<IReadOnlyList<ChatMessage>, ChatOptions?, ScriptedTurn> script)
    {
        var steps = 0;
        return (messages, options) => ++steps <= 100 ? script(messages, options) : ScriptedTurn.Fail(new InvalidOperationException("the loop never ends"));
    }

    /// <summary>A provider that keeps the conversation shows the model all of it.</summary>
    private static Func<IReadOnlyList<ChatMessage>, ChatOptions?, ScriptedTurn> Remembering(Func<IReadOnlyList<ChatMessage>, ChatOptions?, ScriptedTurn> script)
    {
        List<ChatMessage> conversation = [];
        return (messages, options) =>
        {
            conversation = options?.ConversationId is null ? [.. messages] : [.. conversation, .. messages];
            var turn = script(conversation, options);
            conversation.Add(new(ChatRole.Assistant, [.. turn.Calls]));
            return turn;
        };
    }

    /// <summary>A tool that notes that it ran.</summary>
    public AIFunction Tool(string name, Func<string, object?>? run = null) => AIFunctionFactory.Create(
        (string value) =>
        {
            lock (_ran)
            {
                _ran.Add($"{name}({value})");
            }

            return run is null ? $"{name} did {value}" : run(value);
        },
        name,
        $"The tool {name}.");

    public Task<ChatResponse> AskAsync(string text, params AITool[] tools) => AskAsync([new(ChatRole.User, text)], new() { Tools = [.. tools] });

    /// <summary>One turn of the user, to its end.</summary>
    public async Task<ChatResponse> AskAsync(List<ChatMessage> messages, ChatOptions options)
    {
        if (_arrangement.HasLoop)
        {
            return await SendAsync(messages, options);
        }

        var history = new List<ChatMessage>(messages);
        for (var i = 0; ; i++)
        {
            Expect.True(i < 60, "the app's own loop never ends");
            var response = await SendAsync(history, options);
            var calls = response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>().ToList();   // a naive loop: it runs whatever it is handed
            if (calls.Count == 0)
            {
                return response;
            }

            var results = _arrangement.Concurrent
                ? [.. await Task.WhenAll(calls.Select(call => Task.Run(() => RunAsync(call, options))))]
                : new List<AIContent>();
            if (!_arrangement.Concurrent)
            {
                foreach (var call in calls)
                {
                    results.Add(await RunAsync(call, options));
                }
            }

            if (response.ConversationId is { } conversation)
            {
                options = options.Clone();
                options.ConversationId = conversation;
                history = [new(ChatRole.Tool, results)];
            }
            else
            {
                history.AddRange(response.Messages);
                history.Add(new(ChatRole.Tool, results));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static async Task<AIContent> RunAsync(FunctionCallContent call, ChatOptions options)
    {
        var function = options.Tools!.OfType<AIFunction>().FirstOrDefault(tool => tool.Name == call.Name);
        return new FunctionResultContent(call.CallId, function is null ? "no such tool" : await function.InvokeAsync(new(call.Arguments)));
    }

    private async Task<ChatResponse> SendAsync(List<ChatMessage> messages, ChatOptions options)
    {
        ChatResponse response;
        if (_arrangement.Streaming)
        {
            var updates = new List<ChatResponseUpdate>();
            await foreach (var update in Client.GetStreamingResponseAsync(messages, options))
            {
                updates.Add(update);
            }

            Updates.AddRange(updates);
            response = updates.ToChatResponse();
        }
        else
        {
            response = await Client.GetResponseAsync(messages, options);
            Updates.AddRange(response.ToChatResponseUpdates());
        }

        Left.AddRange(response.Messages);
        return response;
    }

    public static FunctionCallContent Call(string tool, string value = "x", string id = "") =>
        new(id, tool, new Dictionary<string, object?> { ["value"] = JsonSerializer.SerializeToElement(value) });
}
