using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Several guarded pipelines over one client: the host says for each session which policy it has.</summary>
internal sealed class PolicyRouter(IChatClient inner, Func<string, IChatClient> guard, Func<SessionId?, string> choose) : DelegatingChatClient(inner)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IChatClient> _guarded = new(StringComparer.Ordinal);

    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Chosen().GetResponseAsync(messages, options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Chosen().GetStreamingResponseAsync(messages, options, cancellationToken);

    /// <summary>The pipeline of the session that the host has begun, or of no session.</summary>
    private IChatClient Chosen() => _guarded.GetOrAdd(choose(AegisAmbient.Current.Scope?.Session ?? AegisAmbient.Current.Run?.Session), guard);
}
