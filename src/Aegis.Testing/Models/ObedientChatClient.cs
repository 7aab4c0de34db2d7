using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>
/// A model that follows every instruction it reads, the worst case for a guard. It looks at all messages after the last
/// assistant message, tool results in any form included, for <c>CALL tool {json object}</c> and makes all those calls in
/// one step. Where there are none it says what <c>SAY …</c> (to the end of the line) tells it to, or <c>Done.</c>. Stateless.
/// </summary>
public sealed class ObedientChatClient : IChatClient
{
    /// <summary>Whether the model calls only tools the request offers.</summary>
    /// <value>False: it calls whatever it is told to.</value>
    public bool OnlyOffered { get; init; }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Obey([.. messages], options).WholeAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Obey([.. messages], options).StreamAsync(cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("obedient")
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private Playback Obey(List<ChatMessage> messages, ChatOptions? options)
    {
        var news = messages.Skip(messages.FindLastIndex(message => message.Role == ChatRole.Assistant) + 1);
        string[] texts = [.. news.SelectMany(message => message.Contents).SelectMany(ReadableText.Of)];

        // The length of the history tells the steps of a conversation apart, so no call id comes twice.
        var calls = texts.SelectMany(Instructions.Calls)
            .Where(call => !OnlyOffered || options?.Tools?.Any(tool => tool.Name == call.Tool) is true)
            .Select((call, n) => new FunctionCallContent($"call_{messages.Count}_{n}", call.Tool, call.Arguments))
            .ToArray();
        var turn = calls is [] ? ScriptedTurn.Say(texts.SelectMany(Instructions.Says).FirstOrDefault(ScriptedChatClient.Done)) : ScriptedTurn.CallAll(calls);
        return new(turn, $"obedient_{messages.Count}");
    }
}
