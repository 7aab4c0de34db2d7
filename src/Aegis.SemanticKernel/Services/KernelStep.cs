using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>One response of a model with calls that a kernel is to run.</summary>
/// <param name="Call">The app's call.</param>
/// <param name="Choice">What the app wants of functions at this step.</param>
/// <param name="Index">0 for the first step of the call.</param>
/// <param name="Message">The response, as it stands in the app's history.</param>
/// <param name="Calls">Its calls.</param>
/// <param name="IsStreaming">Whether the app asked for a stream.</param>
internal sealed record KernelStep(KernelCall Call, FunctionChoiceBehaviorConfiguration Choice, int Index, ChatMessageContent Message, List<AI.FunctionCallContent> Calls, bool IsStreaming)
{
    /// <summary>The function that a call means, or what the model is told instead.</summary>
    public KernelFunction? FunctionOf(FunctionCallContent call, out string? mishap)
    {
        mishap = call.Exception is { } error ? $"Error: Function call processing failed. Correct yourself. {error.Message}"
            : Choice.Functions?.Any(function => KernelTool.NameOf(function.PluginName, function.Name).Equals(KernelTool.NameOf(call.PluginName, call.FunctionName), StringComparison.OrdinalIgnoreCase)) != true
                ? "Error: Function call request for a function that wasn't defined. Correct yourself."
            : null;
        if (mishap is null && Call.Kernel!.Plugins.TryGetFunction(call.PluginName, call.FunctionName, out var function))
        {
            return function;
        }

        mishap ??= "Error: Requested function could not be found. Correct yourself.";
        return null;
    }

    /// <summary>What filters see of a call.</summary>
    public AutoFunctionInvocationContext ContextOf(KernelFunction function, int index, CancellationToken cancellationToken)
    {
        var kernel = Call.Kernel!;
        return new(kernel, function, new FunctionResult(function) { Culture = kernel.Culture }, Call.History, Message)
        {
            Arguments = CallLink.Of(Calls[index]).Content.Arguments,
            RequestSequenceIndex = Index,
            FunctionSequenceIndex = index,
            FunctionCount = Calls.Count,
            CancellationToken = cancellationToken,
            IsStreaming = IsStreaming,
            ExecutionSettings = Call.Settings,
            CallContent = Calls[index],
        };
    }
}
