using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>Updates as chunks of a kernel's stream. A call is one chunk: it left when it was judged.</summary>
internal sealed class ChunkWriter(KernelCall call)
{
    private int _calls;

    public StreamingChatMessageContent Write(ChatResponseUpdate update)
    {
        var chunk = new StreamingChatMessageContent(
            update.Role is { } role ? new AuthorRole(role.Value) : null,
            content: null,
            modelId: call.ModelId,
            metadata: call.MetadataOf(update.FinishReason, update.AdditionalProperties))
        {
            AuthorName = update.AuthorName,
        };
        foreach (var content in update.Contents)
        {
            if (content is Microsoft.Extensions.AI.TextContent more && chunk.Items.Count > 0 && chunk.Items[^1] is StreamingTextContent said)
            {
                said.Text += more.Text;   // kernels read the first text only
                continue;
            }

            StreamingKernelContent? item = content switch
            {
                Microsoft.Extensions.AI.TextContent text => new StreamingTextContent(text.Text),
                Microsoft.Extensions.AI.FunctionCallContent made => CallOf(made),
                Microsoft.Extensions.AI.FunctionResultContent made when ResultText.Of(made.Result) is { } result => new StreamingTextContent(result),
                TextReasoningContent thought => new StreamingReasoningContent(thought.Text),
                OpaqueContent { Content: StreamingKernelContent kept } when call.KeepsUnread => kept,
                _ => null,
            };
            if (item is not null)
            {
                chunk.Items.Add(item);
            }
        }

        return chunk;
    }

    private StreamingFunctionCallUpdateContent CallOf(Microsoft.Extensions.AI.FunctionCallContent made)
    {
        var link = CallLink.Of(made);
        return new(link.Content.Id, made.Name, JsonSerializer.Serialize(link.Sent is { } sent ? new Dictionary<string, object?>(sent) : []), _calls++);
    }
}
