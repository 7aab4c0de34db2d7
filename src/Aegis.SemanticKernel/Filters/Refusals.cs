using Aegis.ExtensionsAI;
using Aegis.Guarding;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>The policy's refusal in a kernel's forms: text for callers who want text, a message for callers who want messages.</summary>
internal static class Refusals
{
    public static Dictionary<string, object?> MetadataOf(Verdict verdict, string decisionId) => new()
    {
        [Metadata.Aegis] = Notices.RefusalOf(verdict, decisionId),
        [Metadata.FinishReason] = "ContentFilter",
    };

    public static FunctionResult Result(AegisGuard guard, KernelFunction function, Inspection inspection)
    {
        var metadata = MetadataOf(inspection.Verdict, inspection.Id.ToString());
        return new(function, new ChatMessageContent(AuthorRole.Assistant, guard.Policy.RefusalText, metadata: metadata), metadata: metadata);
    }
}
