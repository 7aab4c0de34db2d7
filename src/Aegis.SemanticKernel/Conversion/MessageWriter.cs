using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>Messages in the words of Microsoft.Extensions.AI as messages of a kernel, without anything that no guard has read.</summary>
internal static class MessageWriter
{
    /// <summary>A message for a service: calls with the arguments as the model wrote them.</summary>
    public static ChatMessageContent ToService(AI.ChatMessage message, IReadOnlyDictionary<AI.AIContent, KernelContent> items) =>
        Write(message, content => content switch
        {
            AI.FunctionCallContent call when CallLink.Of(call) is var link => new FunctionCallContent(link.Content.FunctionName, link.Content.PluginName, link.Content.Id, link.Sent) { Exception = link.Content.Exception },
            AI.FunctionResultContent result => ResultOf(result, items),
            AI.DataContent media when !items.ContainsKey(media) => MediaOf(media),
            _ => items.TryGetValue(content, out var item) && item is not TextContent ? item : null,
        });

    /// <summary>A message for the app and its history.</summary>
    /// <param name="message">The message.</param>
    /// <param name="keepsUnread">Whether contents may leave that no guard can read.</param>
    /// <param name="modelId">The model that said it.</param>
    /// <param name="metadata">What the service says beside it.</param>
    public static ChatMessageContent ToApp(AI.ChatMessage message, bool keepsUnread, string? modelId = null, IReadOnlyDictionary<string, object?>? metadata = null)
    {
        var written = Write(message, content => content switch
        {
            AI.FunctionCallContent call => CallLink.Of(call).Content,
            AI.FunctionResultContent result => ResultOf(result, null),
            OpaqueContent { Content: KernelContent item } => keepsUnread ? item : OpaqueContent.Bare(item),
            _ => null,
        });
        written.ModelId = modelId;
        written.Metadata = metadata;
        return written;
    }

    public static FunctionResultContent ResultOf(FunctionCallContent call, string text) => new(call.FunctionName, call.PluginName, call.Id, text);

    private static ChatMessageContent Write(AI.ChatMessage message, Func<AI.AIContent, KernelContent?> itemOf)
    {
        var items = new ChatMessageContentItemCollection();
        foreach (var content in message.Contents)
        {
            if (content is AI.TextContent more && items.Count > 0 && items[^1] is TextContent said)
            {
                said.Text += more.Text;   // kernels read the first text only
                continue;
            }

            var item = content is AI.TextContent text ? new TextContent(text.Text) : content is AI.TextReasoningContent thought ? new ReasoningContent(thought.Text) : itemOf(content);
            if (item is FunctionResultContent { Result: string result } && message.Contents.Count == 1)
            {
                items.Add(new TextContent(result));   // as connectors write it
            }

            if (item is not null)
            {
                items.Add(item);
            }
        }

        return new ChatMessageContent(new AuthorRole(message.Role.Value), items) { AuthorName = message.AuthorName };
    }

    /// <summary>What was read in the place of an address.</summary>
    private static BinaryContent MediaOf(AI.DataContent media) =>
        media.HasTopLevelMediaType("image") ? new ImageContent(media.Data, media.MediaType)
        : media.HasTopLevelMediaType("audio") ? new AudioContent(media.Data, media.MediaType)
        : new BinaryContent(media.Data, media.MediaType);

    private static FunctionResultContent ResultOf(AI.FunctionResultContent result, IReadOnlyDictionary<AI.AIContent, KernelContent>? items)
    {
        if (result.Result is OpaqueContent { Content: FunctionResultContent unread })
        {
            return unread;   // the policy only watches
        }

        var known = items?.TryGetValue(result, out var item) == true ? item as FunctionResultContent : null;
        var text = ResultText.Of(result.Result) ?? "";
        return known is null ? new(callId: result.CallId, result: text) : new(known.FunctionName, known.PluginName, result.CallId, text);
    }
}
