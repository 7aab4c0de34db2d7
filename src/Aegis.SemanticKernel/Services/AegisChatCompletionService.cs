using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>Guards a chat service, whoever calls it and however: prompts, direct calls, streams, manual loops. Thread-safe if the service is.</summary>
internal sealed class AegisChatCompletionService : IChatCompletionService, IGuardedService, IDisposable
{
    private readonly IChatCompletionService _inner;
    private readonly bool _owns;
    private readonly AegisChatClient _client;

    public AegisChatCompletionService(IChatCompletionService inner, AegisGuard guard, bool owns)
    {
        (_inner, Guard, _owns) = (inner, guard, owns);
        _client = new(new KernelLoopClient(new AegisChatClient(new ChatServiceClient(inner), guard), guard), guard);
    }

    public AegisGuard Guard { get; }

    public IReadOnlyDictionary<string, object?> Attributes => _inner.Attributes;

    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        if (Guard.Pipeline.Policy.IsOff)
        {
            return await _inner.GetChatMessageContentsAsync(chatHistory, executionSettings, kernel, cancellationToken);
        }

        var (call, options) = CallOf(chatHistory, executionSettings, kernel);
        var response = await _client.GetResponseAsync(call.Messages(), options, cancellationToken);
        return [.. response.Messages.Select(message => MessageWriter.ToApp(message, call.KeepsUnread, call.ModelId, call.MetadataOf(response.FinishReason, SignedMessages.With(response.AdditionalProperties, message))))];
    }

    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        if (Guard.Pipeline.Policy.IsOff)
        {
            await foreach (var chunk in _inner.GetStreamingChatMessageContentsAsync(chatHistory, executionSettings, kernel, cancellationToken))
            {
                yield return chunk;
            }

            yield break;
        }

        var (call, options) = CallOf(chatHistory, executionSettings, kernel);
        var writer = new ChunkWriter(call);
        await foreach (var update in _client.GetStreamingResponseAsync(call.Messages(), options, cancellationToken))
        {
            yield return writer.Write(update);
        }
    }

    public void Dispose()
    {
        if (_owns)
        {
            (_inner as IDisposable)?.Dispose();
        }
    }

    private (KernelCall Call, ChatOptions Options) CallOf(ChatHistory history, PromptExecutionSettings? settings, Kernel? kernel)
    {
        InnermostFilter.Ensure(kernel, Guard);
        var call = new KernelCall(Guard, history, settings, kernel);
        var options = new KernelCallOptions(call) { ModelId = settings?.ModelId ?? (_inner.Attributes.TryGetValue("ModelId", out var model) ? model as string : null) };
        KernelTools.Offer(options, call.ChoiceAt(0));
        return (call, options);
    }
}
