using System.Text.Json;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.ExtensionsAI.Tests.Signing;

/// <summary>One process of an app whose client keeps the conversation: a guard, a pipeline, a model. Processes can share a store.</summary>
internal sealed class Chat
{
    public static readonly IntegrityKeyPolicy Key = new("k1", "0123456789abcdef0123456789abcdef");

    public static readonly AegisPolicy Policy = Some.Balanced with { Capabilities = new() { Allow = ["search", "read"] }, Integrity = new() { Keys = [Key] } };

    private readonly IChatClient _client;
    private readonly bool _stream;

    public Chat(ScriptedChatClient model, string position = "sandwich", bool stream = false, AegisPolicy? policy = null, ISessionStore? store = null, TimeProvider? time = null)
    {
        (Model, _stream) = (model, stream);
        Guard = AegisGuard.Create(policy ?? Policy, builder => builder.UseSessionStore(store ?? Store).UseTimeProvider(time ?? new FakeTimeProvider()).AddSink(Events));
        _client = position switch
        {
            "outside" => model.AsBuilder().UseAegis(Guard).UseFunctionInvocation().Build(),
            "inside" => model.AsBuilder().UseFunctionInvocation().UseAegis(Guard).Build(),
            "manual" => model.AsBuilder().UseAegis(Guard).Build(),
            _ => model.AsBuilder().UseAegisFunctionInvocation(Guard).Build(),
        };
    }

    public ScriptedChatClient Model { get; }

    public AegisGuard Guard { get; }

    public ISessionStore Store { get; } = new MemorySessionStore();

    public Some.Recorder Events { get; } = new();

    public ChatOptions Options { get; init; } = Some.With(Some.Tool("search"), Some.Tool("read"));

    public IEnumerable<string> Rules => Events.Events.SelectMany(static e => e.Verdict.Findings).Select(static finding => finding.Rule);

    /// <summary>Answers each question with a search, with its number.</summary>
    public static ScriptedChatClient Searcher() => new(static (messages, _) => messages[^1].Role == ChatRole.User
        ? Some.Call("search", $"about {messages[^1].Text}") with { Reasoning = "I have to look it up.", Text = "Let me see." }
        : ScriptedTurn.Say($"Answer {messages.Count(static message => message.Role == ChatRole.User)}."));

    /// <summary>A conversation as a browser keeps it.</summary>
    public static List<ChatMessage> Kept(IEnumerable<ChatMessage> history) =>
        JsonSerializer.Deserialize<List<ChatMessage>>(JsonSerializer.Serialize(history, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

    public async Task<ChatResponse> SendAsync(IEnumerable<ChatMessage> messages, SessionId? session)
    {
        using var scope = session is { } id ? AegisScope.Begin(id) : null;
        return _stream ? await _client.GetStreamingResponseAsync(messages, Options, Some.Token).ToChatResponseAsync(Some.Token) : await _client.GetResponseAsync(messages, Options, Some.Token);
    }

    /// <summary>Says something and keeps what comes back; a call that nobody has run is run.</summary>
    public async Task<ChatResponse> SayAsync(List<ChatMessage> history, string text, SessionId? session)
    {
        history.Add(new(ChatRole.User, text));
        while (true)
        {
            var response = await SendAsync(history, session);
            history.AddMessages(response);
            if (history[^1].Contents.OfType<FunctionCallContent>().ToList() is not { Count: > 0 } calls)
            {
                return response;
            }

            history.Add(new(ChatRole.Tool, [.. calls.Select(static call => new FunctionResultContent(call.CallId, $"result of {call.CallId}"))]));
        }
    }

    public IAsyncEnumerable<ChatResponseUpdate> Stream(IEnumerable<ChatMessage> messages) => _client.GetStreamingResponseAsync(messages, Options, Some.Token);

    public async Task<Verdict> VerifyAsync(IEnumerable<ChatMessage> messages, SessionId? session)
    {
        using var scope = session is { } id ? AegisScope.Begin(id) : null;
        return await Guard.VerifyHistoryAsync(messages, Some.Token);
    }
}
