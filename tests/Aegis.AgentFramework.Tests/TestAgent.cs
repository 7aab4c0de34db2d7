using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Aegis.AgentFramework.Tests;

/// <summary>An agent over a chat client, with its history in its session, as agents of the framework are.</summary>
internal sealed class TestAgent(IChatClient client, bool givesClientAway, params AITool[] tools) : AIAgent
{
    public override object? GetService(Type serviceType, object? serviceKey = null) => base.GetService(serviceType, serviceKey) ?? (givesClientAway && serviceType == typeof(IChatClient) ? client : null);

    protected override ValueTask<AgentSession> CreateSessionCoreAsync(CancellationToken cancellationToken = default) => new(new TestSession());

    protected override ValueTask<JsonElement> SerializeSessionCoreAsync(AgentSession session, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) => new(session.StateBag.Serialize());

    protected override ValueTask<AgentSession> DeserializeSessionCoreAsync(JsonElement serializedState, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        new(new TestSession(AgentSessionStateBag.Deserialize(serializedState)));

    protected override async Task<AgentResponse> RunCoreAsync(IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var history = (session as TestSession)?.History ?? [];
        var response = await client.GetResponseAsync(Grown(history, messages), new() { Tools = [.. tools] }, cancellationToken);
        Grown(history, response.Messages);
        return new(response);
    }

    protected override async IAsyncEnumerable<AgentResponseUpdate> RunCoreStreamingAsync(IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var history = (session as TestSession)?.History ?? [];
        var asked = Grown(history, messages);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync(asked, new() { Tools = [.. tools] }, cancellationToken))
        {
            updates.Add(update);
            yield return new(update);
        }

        Grown(history, updates.ToChatResponse().Messages);
    }

    /// <summary>Adds to a history that other runs of the session may read and add to.</summary>
    private static List<ChatMessage> Grown(List<ChatMessage> history, IEnumerable<ChatMessage> messages)
    {
        lock (history)
        {
            history.AddRange(messages);
            return [.. history];
        }
    }

    internal sealed class TestSession : AgentSession
    {
        public TestSession()
        {
        }

        public TestSession(AgentSessionStateBag bag)
            : base(bag)
        {
        }

        public List<ChatMessage> History { get; } = [];
    }
}
