using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.TextGeneration;

namespace Aegis.SemanticKernel;

/// <summary>Guards a text service. Thread-safe if the service is.</summary>
internal sealed class AegisTextGenerationService(ITextGenerationService inner, AegisGuard guard, bool owns) : ITextGenerationService, IGuardedService, IDisposable
{
    private readonly AegisChatClient _client = new(new TextServiceClient(inner), guard);

    public AegisGuard Guard => guard;

    public IReadOnlyDictionary<string, object?> Attributes => inner.Attributes;

    public async Task<IReadOnlyList<Microsoft.SemanticKernel.TextContent>> GetTextContentsAsync(string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        if (guard.Pipeline.Policy.IsOff)
        {
            return await inner.GetTextContentsAsync(prompt, executionSettings, kernel, cancellationToken);
        }

        var call = new KernelCall(guard, [], executionSettings, kernel);
        var response = await _client.GetResponseAsync([new(ChatRole.User, prompt)], OptionsOf(call), cancellationToken);
        var metadata = call.MetadataOf(response.FinishReason, response.AdditionalProperties);
        return [.. response.Messages.Select(message => new Microsoft.SemanticKernel.TextContent(message.Text, call.ModelId, metadata: metadata))];
    }

    public async IAsyncEnumerable<StreamingTextContent> GetStreamingTextContentsAsync(string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (guard.Pipeline.Policy.IsOff)
        {
            await foreach (var chunk in inner.GetStreamingTextContentsAsync(prompt, executionSettings, kernel, cancellationToken))
            {
                yield return chunk;
            }

            yield break;
        }

        var call = new KernelCall(guard, [], executionSettings, kernel);
        await foreach (var update in _client.GetStreamingResponseAsync([new(ChatRole.User, prompt)], OptionsOf(call), cancellationToken))
        {
            yield return new(update.Text, modelId: call.ModelId, metadata: call.MetadataOf(update.FinishReason, update.AdditionalProperties));
        }
    }

    public void Dispose()
    {
        if (owns)
        {
            (inner as IDisposable)?.Dispose();
        }
    }

    private KernelCallOptions OptionsOf(KernelCall call) => new(call) { ModelId = call.Settings?.ModelId ?? (inner.Attributes.TryGetValue("ModelId", out var model) ? model as string : null) };
}
