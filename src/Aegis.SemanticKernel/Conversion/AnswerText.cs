using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ChatMessageContent = Microsoft.SemanticKernel.ChatMessageContent;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using FunctionResultContent = Microsoft.SemanticKernel.FunctionResultContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace Aegis.SemanticKernel;

/// <summary>All that a prompt's answer says, in whichever of its texts: an app may show any of them.</summary>
internal static class AnswerText
{
    /// <summary>The text and what the model thought aloud, or null when it cannot be read.</summary>
    public static (string Text, string Thought)? Of(object answer) => answer switch
    {
        _ when ResultText.IsLazy(answer) => null,
        ChatMessageContent message => Of([message]),
        IEnumerable<ChatMessageContent> messages => Of([.. messages]),
        ChatResponse response => Of(response),
        IEnumerable<TextContent> texts => (string.Join('\n', texts.Select(static text => text.Text)), ""),
        _ => ContentText.Of(ResultText.Readable(answer), AIJsonUtilities.DefaultOptions) is var (text, _) ? (text, "") : null,
    };

    /// <summary>An answer of the same kind that says nothing but this.</summary>
    public static object With(string text, object answer) => answer is ChatResponse ? new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) : new ChatMessageContent(AuthorRole.Assistant, text);

    /// <summary>The same answer without raw objects and without metadata that may carry text.</summary>
    public static object Bare(object answer) => answer switch
    {
        ChatMessageContent message => Bare(message),
        IEnumerable<ChatMessageContent> messages => messages.Select(Bare).ToList(),
        TextContent text => Bare((KernelContent)text),
        IEnumerable<TextContent> texts => texts.Select(static text => (TextContent)Bare((KernelContent)text)).ToList(),
        ChatResponse response => Bare(response),
        _ => answer,
    };

    /// <summary>A message likewise.</summary>
    public static ChatMessageContent Bare(ChatMessageContent message)
    {
        var items = new ChatMessageContentItemCollection();
        foreach (var item in message.Items)
        {
            items.Add(Bare(item));
        }

        return new(message.Role, items, message.ModelId, metadata: Bare(message.Metadata)) { AuthorName = message.AuthorName };
    }

    private static KernelContent Bare(KernelContent item)
    {
        switch (item)
        {
            case TextContent text:
                return new TextContent(text.Text, text.ModelId, encoding: text.Encoding, metadata: Bare(text.Metadata));
            case ReasoningContent thought:
                return new ReasoningContent(thought.Text) { ModelId = thought.ModelId, Metadata = Bare(thought.Metadata) };
            default:
                (item.InnerContent, item.Metadata) = (null, Bare(item.Metadata));   // a call is known by its instance
                return item;
        }
    }

    private static ChatResponse Bare(ChatResponse response) => new([.. response.Messages.Select(Bare)])
    {
        ResponseId = response.ResponseId,
        ConversationId = response.ConversationId,
        ModelId = response.ModelId,
        CreatedAt = response.CreatedAt,
        FinishReason = response.FinishReason,
        ContinuationToken = response.ContinuationToken,
        Usage = response.Usage,
        AdditionalProperties = Answer.Marks(response.AdditionalProperties),
    };

    private static ChatMessage Bare(ChatMessage message)
    {
        var copy = Copies.Of(message, [.. message.Contents.Select(Bare)], keepRaw: false);
        copy.AdditionalProperties = null;
        return copy;
    }

    /// <summary>A content likewise.</summary>
    public static AIContent Bare(AIContent content) => content switch
    {
        Microsoft.Extensions.AI.TextContent text => new Microsoft.Extensions.AI.TextContent(text.Text),
        TextReasoningContent thought => new TextReasoningContent(thought.Text) { ProtectedData = thought.ProtectedData },
        _ => Copies.WithoutRaw(content, keepRaw: false),
    };

    private static Dictionary<string, object?>? Bare(IReadOnlyDictionary<string, object?>? metadata) => metadata is null ? null : Metadata.Bare(metadata);

    private static (string Text, string Thought)? Of(List<ChatMessageContent> messages) =>
        messages.TrueForAll(static message => message.Items.All(static item => item is TextContent or ReasoningContent or FunctionCallContent or FunctionResultContent { Result: null or string }))
            ? (string.Join('\n', messages.Select(static message => string.Concat(message.Items.Select(static item => (item as TextContent)?.Text ?? (item as FunctionResultContent)?.Result as string)))),
               string.Join('\n', messages.Select(static message => string.Concat(message.Items.OfType<ReasoningContent>().Select(static thought => thought.Text)))))
            : null;

    private static (string Text, string Thought)? Of(ChatResponse response) =>
        response.Messages.SelectMany(static message => message.Contents).All(static content => content is Microsoft.Extensions.AI.TextContent or TextReasoningContent or Microsoft.Extensions.AI.FunctionCallContent or Microsoft.Extensions.AI.FunctionResultContent { Result: null or string } or UsageContent)
            ? (string.Join('\n', response.Messages.Select(static message => string.Concat(message.Contents.Select(static content => (content as Microsoft.Extensions.AI.TextContent)?.Text ?? (content as Microsoft.Extensions.AI.FunctionResultContent)?.Result as string)))),
               string.Join('\n', response.Messages.Select(static message => string.Concat(message.Contents.OfType<TextReasoningContent>().Select(static thought => thought.Text)))))
            : null;
}
