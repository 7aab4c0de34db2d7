using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.TextGeneration;

namespace Aegis.SemanticKernel;

/// <summary>A text service as a chat client. A service that runs functions by itself finds a guarded kernel.</summary>
internal sealed class TextServiceClient(ITextGenerationService service) : IChatClient, IFunctionLoop
{
    public bool CanAsk => false;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = ((KernelCallOptions)options!).Call;
        var texts = await service.GetTextContentsAsync(PromptOf(messages), call.Settings, await call.FilteredKernelAsync(call.Settings is not null, cancellationToken), cancellationToken);
        foreach (var text in texts)
        {
            call.Learn(text.Metadata, text.ModelId);
        }

        return new(texts.Select(static text => new ChatMessage(ChatRole.Assistant, text.Text ?? "")).ToList())
        {
            ModelId = call.ModelId,
            Usage = texts.Count > 0 ? Metadata.UsageOf(texts[0].Metadata) : null,
            FinishReason = texts.Count > 0 ? Metadata.FinishReasonOf(texts[^1].Metadata) : null,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = ((KernelCallOptions)options!).Call;
        var kernel = await call.FilteredKernelAsync(call.Settings is not null, cancellationToken);
        await foreach (var chunk in service.GetStreamingTextContentsAsync(PromptOf(messages), call.Settings, kernel, cancellationToken))
        {
            call.Learn(chunk.Metadata, chunk.ModelId);
            var update = new ChatResponseUpdate(ChatRole.Assistant, chunk.Text ?? "") { ModelId = chunk.ModelId, FinishReason = Metadata.FinishReasonOf(chunk.Metadata) };
            if (Metadata.UsageOf(chunk.Metadata) is { } usage)
            {
                update.Contents.Add(new UsageContent(usage));
            }

            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
        // The service belongs to whoever made it.
    }

    private static string PromptOf(IEnumerable<ChatMessage> messages) => string.Concat(messages.Select(static message => message.Text));
}
