using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests.Streaming;

/// <summary>A model that streams exactly these updates.</summary>
internal sealed class FixedStream(params ChatResponseUpdate[] updates) : IChatClient
{
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => updates.ToAsyncEnumerable();

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(updates.ToChatResponse());

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
