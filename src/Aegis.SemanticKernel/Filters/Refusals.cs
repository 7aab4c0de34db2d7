using Aegis.ExtensionsAI;
using Aegis.Guarding;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>The policy's refusal in a kernel's forms: text for callers who want text, a message for callers who want messages.</summary>
internal static class Refusals
{
    public static FunctionResult Result(AegisGuard guard, KernelFunction function, Inspection inspection)
    {
        var refusal = Notices.Refusal(guard.Policy, inspection);
        var metadata = new Dictionary<string, object?> { [Metadata.Aegis] = refusal.AdditionalProperties![Metadata.Aegis], [Metadata.FinishReason] = "ContentFilter" };
        return new(function, new ChatMessageContent(AuthorRole.Assistant, guard.Policy.RefusalText, metadata: metadata), metadata: metadata);
    }
}
