using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>One model step of a chat service, as a chat client. A service that runs functions by itself finds a guarded kernel.</summary>
internal sealed class ChatServiceClient(IChatCompletionService service) : IChatClient, IFunctionLoop
{
    public bool CanAsk => false;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = ((KernelCallOptions)options!).Call;
        var history = call.ToService(messages);
        var before = history.Count;
        var kernel = await call.FilteredKernelAsync(call.Settings is { FunctionChoiceBehavior: null }, cancellationToken);
        var answers = await service.GetChatMessageContentsAsync(history, call.SettingsFor(options), kernel, cancellationToken);
        var usage = await PublishAsync(call, history, before, cancellationToken);
        foreach (var answer in answers.Take(1))
        {
            usage = Sum(usage, Metadata.UsageOf(answer.Metadata));   // every choice says what all of them cost
        }

        return new(answers.Select(call.Answer).ToList())
        {
            ModelId = call.ModelId,
            Usage = usage,
            FinishReason = answers.Count > 0 ? Metadata.FinishReasonOf(answers[^1].Metadata) : null,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = ((KernelCallOptions)options!).Call;
        var history = call.ToService(messages);
        var before = history.Count;
        var step = new StreamedStep(call);
        var kernel = await call.FilteredKernelAsync(call.Settings is { FunctionChoiceBehavior: null }, cancellationToken);
        await foreach (var chunk in service.GetStreamingChatMessageContentsAsync(history, call.SettingsFor(options), kernel, cancellationToken))
        {
            if (history.Count > before)
            {
                step.Forget();   // the service has run these calls by itself
                await PublishAsync(call, history, before, cancellationToken);
                before = history.Count;
            }

            yield return step.Take(chunk);
        }

        await PublishAsync(call, history, before, cancellationToken);
        if (step.End() is { } last)
        {
            yield return last;
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

    /// <summary>Steps that the service has added to its history are the app's too, as the patterns for answers leave them. What they cost.</summary>
    private static async ValueTask<UsageDetails?> PublishAsync(KernelCall call, ChatHistory history, int before, CancellationToken cancellationToken)
    {
        UsageDetails? usage = null;
        for (var i = before; i < history.Count; i++)
        {
            call.History.Add(await call.StepOfServiceAsync(history[i], cancellationToken));
            usage = Sum(usage, Metadata.UsageOf(history[i].Metadata));
        }

        return usage;
    }

    private static UsageDetails? Sum(UsageDetails? a, UsageDetails? b)
    {
        if (a is not null && b is not null)
        {
            a.Add(b);
        }

        return a ?? b;
    }
}
