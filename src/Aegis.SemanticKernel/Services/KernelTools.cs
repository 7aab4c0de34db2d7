using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>What a kernel offers a model, as options.</summary>
internal static class KernelTools
{
    public static void Offer(ChatOptions options, FunctionChoiceBehaviorConfiguration? choice)
    {
        options.Tools = choice?.Functions is { } functions ? [.. functions.Select(static function => KernelTool.Of(function))] : null;
        options.ToolMode = choice is null || options.Tools is not { Count: > 0 } ? null
            : choice.Choice == FunctionChoice.Required ? ChatToolMode.RequireAny
            : choice.Choice == FunctionChoice.None ? ChatToolMode.None
            : null;
    }
}
