using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using SK = Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>
/// The loop that a connector would run by itself: with the kernel's filters, the app's history and the same messages for the same mishaps. It stands
/// here so that every model step passes a guard, and not only the calls that a filter sees.
/// </summary>
internal sealed class KernelLoopClient(IChatClient step, AegisGuard guard) : DelegatingChatClient(step), IFunctionLoop
{
    private readonly KernelGate _gate = KernelGate.Of(guard);
    private readonly ReleasedCalls _released = ReleasedCalls.Of(guard);

    public bool CanAsk => false;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = ((KernelCallOptions)options!).Call;
        var history = messages.ToList();
        for (var step = 0; ; step++)
        {
            var choice = call.ChoiceAt(step);
            var response = await base.GetResponseAsync(history, OptionsFor(options, choice), cancellationToken);
            var made = response.Messages.LastOrDefault(static message => message.Contents.Any(static content => content is Microsoft.Extensions.AI.FunctionCallContent));
            var calls = CallsOf(made?.Contents ?? []);
            if (calls.Count == 0 || !Invokes(choice, call, step))
            {
                Release(calls);
                return response;
            }

            var results = await RunAsync(new(call, choice!, step, MessageWriter.ToApp(made!, call.KeepsUnread, call.ModelId, call.MetadataOf(null, null)), calls, IsStreaming: false), cancellationToken);
            if (results.Ended)
            {
                return new(results.Messages[^1]) { ModelId = call.ModelId };
            }

            history = call.Messages();   // with whatever filters of the app have done to it
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = ((KernelCallOptions)options!).Call;
        var history = messages.ToList();
        for (var step = 0; ; step++)
        {
            var choice = call.ChoiceAt(step);
            var said = new List<AIContent>();
            await foreach (var update in base.GetStreamingResponseAsync(history, OptionsFor(options, choice), cancellationToken))
            {
                said.AddRange(update.Contents.Where(static content => content is Microsoft.Extensions.AI.TextContent { Text.Length: > 0 } or Microsoft.Extensions.AI.FunctionCallContent));
                yield return update;
            }

            var calls = CallsOf(said);
            if (calls.Count == 0 || !Invokes(choice, call, step))
            {
                Release(calls);
                yield break;
            }

            var text = string.Concat(said.OfType<Microsoft.Extensions.AI.TextContent>().Select(static content => content.Text));
            var made = new ChatMessage(ChatRole.Assistant, [new Microsoft.Extensions.AI.TextContent(text), .. calls]);
            var results = await RunAsync(new(call, choice!, step, MessageWriter.ToApp(made, call.KeepsUnread, call.ModelId, call.MetadataOf(null, null)), calls, IsStreaming: true), cancellationToken);
            if (results.Ended)
            {
                yield return new(ChatRole.Tool, results.Messages[^1].Contents);
                yield break;
            }

            history = call.Messages();   // with whatever filters of the app have done to it
        }
    }

    private void Release(List<Microsoft.Extensions.AI.FunctionCallContent> calls)
    {
        if (calls.Count > 0 && AegisAmbient.Current.Run is { } run)
        {
            _released.Add(run, calls);
        }
    }

    private static bool Invokes(FunctionChoiceBehaviorConfiguration? choice, KernelCall call, int step) => choice is { AutoInvoke: true } && call.Kernel is not null && step < KernelCall.MaxSteps;

    private static List<Microsoft.Extensions.AI.FunctionCallContent> CallsOf(IEnumerable<AIContent> contents) => [.. contents.OfType<Microsoft.Extensions.AI.FunctionCallContent>()];

    /// <summary>The options of one step: what the behaviour offers at it, functions that a tool has added in mid-run included.</summary>
    private static ChatOptions OptionsFor(ChatOptions options, FunctionChoiceBehaviorConfiguration? choice)
    {
        var step = options.Clone();
        KernelTools.Offer(step, choice);
        return step;
    }

    private async Task<(List<ChatMessage> Messages, bool Ended)> RunAsync(KernelStep step, CancellationToken cancellationToken)
    {
        step.Call.History.Add(step.Message);
        var results = new List<ChatMessage>(step.Calls.Count);
        if (step.Choice.Options.AllowConcurrentInvocation && step.Calls.Count > 1)
        {
            var running = step.Calls.Select((_, index) => RunAsync(step, index, cancellationToken)).ToList();
            var ended = false;
            foreach (var (result, ends) in await Task.WhenAll(running))
            {
                Publish(step, results, result);
                ended |= ends;
            }

            return (results, ended);
        }

        for (var index = 0; index < step.Calls.Count; index++)
        {
            var (result, ends) = await RunAsync(step, index, cancellationToken);
            Publish(step, results, result);
            if (ends)
            {
                return (results, true);
            }
        }

        return (results, false);
    }

    private static void Publish(KernelStep step, List<ChatMessage> results, SK.FunctionResultContent result)
    {
        var message = new ChatMessageContent(SK.ChatCompletion.AuthorRole.Tool, result.Result as string);
        message.Items.Add(result);
        step.Call.History.Add(message);
        results.Add(new(ChatRole.Tool, [new Microsoft.Extensions.AI.FunctionResultContent(result.CallId ?? "", result.Result is string text ? ResultText.Readable(text) : new OpaqueContent(result))]));
    }

    private async Task<(SK.FunctionResultContent Result, bool Ends)> RunAsync(KernelStep step, int index, CancellationToken cancellationToken)
    {
        var content = CallLink.Of(step.Calls[index]).Content;
        if (step.FunctionOf(content, out var mishap) is not { } function)
        {
            return (MessageWriter.ResultOf(content, mishap!), false);
        }

        var kernel = step.Call.Kernel!;
        var context = step.ContextOf(function, index, cancellationToken);
        _gate.Own(context, step.Calls[index], step.Calls);
        try
        {
            await InvokeAsync(kernel, context, 0, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return (MessageWriter.ResultOf(content, $"Error: Exception while invoking function. {e.Message}"), false);
        }

        var value = context.Result.GetValue<object>();
        return (new(content.FunctionName, content.PluginName, content.Id, ResultText.Of(value) ?? value), context.Terminate);
    }

    /// <summary>The kernel's filters, outermost first, and behind the last of them the gate, on the arguments that run.</summary>
    private Task InvokeAsync(Kernel kernel, AutoFunctionInvocationContext context, int filter, CancellationToken cancellationToken) =>
        filter < kernel.AutoFunctionInvocationFilters.Count
            ? kernel.AutoFunctionInvocationFilters[filter].OnAutoFunctionInvocationAsync(context, next => InvokeAsync(kernel, next, filter + 1, cancellationToken))
            : _gate.RunAsync(context, this, async () =>
            {
                if (!context.Terminate)
                {
                    context.Result = await context.Function.InvokeAsync(kernel, context.Arguments, cancellationToken);
                }
            });
}
