using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Aegis.AgentFramework;

/// <summary>An agent as a chat client: a loop of its own, whose parts show where the agent gives them away.</summary>
internal sealed class AgentClient(AIAgent agent) : IChatClient, IFunctionLoop
{
    public bool CanAsk => true;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = (AgentCall)options!;
        var response = await agent.RunAsync(messages, call.Session, call.RunOptions, cancellationToken);
        return new(response.Messages)
        {
            ConversationId = call.ConversationId,
            ModelId = (response.RawRepresentation as ChatResponse)?.ModelId,
            ResponseId = response.ResponseId,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason,
            Usage = response.Usage,
            ContinuationToken = response.ContinuationToken,
            AdditionalProperties = response.AdditionalProperties,
            RawRepresentation = response.RawRepresentation,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = (AgentCall)options!;
        await foreach (var update in agent.RunStreamingAsync(messages, call.Session, call.RunOptions, cancellationToken))
        {
            yield return new(update.Role, update.Contents)
            {
                ConversationId = call.ConversationId,
                ModelId = (update.RawRepresentation as ChatResponseUpdate)?.ModelId,
                AuthorName = update.AuthorName,
                ResponseId = update.ResponseId,
                MessageId = update.MessageId,
                CreatedAt = update.CreatedAt,
                FinishReason = update.FinishReason,
                ContinuationToken = update.ContinuationToken,
                AdditionalProperties = update.AdditionalProperties,
                RawRepresentation = update.RawRepresentation,
            };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : agent.GetService(serviceType) ?? agent.GetService<IChatClient>()?.GetService(serviceType);
    }

    public void Dispose()
    {
        // The agent belongs to whoever made it.
    }
}
