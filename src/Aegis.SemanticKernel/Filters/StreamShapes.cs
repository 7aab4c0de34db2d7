using System.Text;
using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>The streams that a caller of a kernel can ask for. Their types are covariant, so that the type of the items must be met exactly.</summary>
internal static class StreamShapes
{
    private static readonly StreamShape<string> Strings = new(static item => item, static (said, _) => said.Text);

    private static readonly StreamShape<StreamingTextContent> Texts = new(static item => item.Text ?? "", static (said, _) => new(said.Text, said.Choice)) { Choice = static item => item.ChoiceIndex, Bare = static item => new(item.Text, item.ChoiceIndex, item.ModelId, metadata: BareOf(item)) };

    private static readonly StreamShape<StreamingChatMessageContent> Messages = new(TextOf, MessageOf) { Thought = ThoughtOf, Choice = static item => item.ChoiceIndex, Bare = Bared };

    private static readonly StreamShape<StreamingKernelContent> Contents = new(
        static item => item is StreamingChatMessageContent message ? TextOf(message) : item is StreamingReasoningContent ? "" : item.ToString(),
        static (said, item) => item is StreamingTextContent ? new StreamingTextContent(said.Text, said.Choice) : item is StreamingReasoningContent ? new StreamingReasoningContent(said.Thought) : MessageOf(said, item as StreamingChatMessageContent))
    {
        Thought = static item => item is StreamingChatMessageContent message ? ThoughtOf(message) : (item as StreamingReasoningContent)?.Text ?? "",
        Choice = static item => item.ChoiceIndex,
        Bare = static item => item switch
        {
            StreamingChatMessageContent message => Bared(message),
            _ => BarePart(item),
        },
    };

    private static readonly StreamShape<ChatResponseUpdate> Updates = new(
        static item => item.Text,
        static (said, item) => new(item?.Role ?? ChatRole.Assistant, [.. Spoken(said), .. item?.Contents.Where(static content => content is not (Microsoft.Extensions.AI.TextContent or TextReasoningContent)) ?? []]) { MessageId = item?.MessageId })
    {
        Thought = static item => string.Concat(item.Contents.OfType<TextReasoningContent>().Select(static thought => thought.Text)),
        Bare = static item => new(item.Role, [.. item.Contents.Where(static content => content is Microsoft.Extensions.AI.TextContent or TextReasoningContent or Microsoft.Extensions.AI.FunctionCallContent or UsageContent).Select(AnswerText.Bare)]) { MessageId = item.MessageId, ResponseId = item.ResponseId, AuthorName = item.AuthorName, FinishReason = item.FinishReason, ModelId = item.ModelId, AdditionalProperties = Answer.Marks(item.AdditionalProperties) },
    };

    private static readonly StreamShape<byte[]> Bytes = new(static item => Encoding.UTF8.GetString(item), static (said, _) => Encoding.UTF8.GetBytes(said.Text));

    private static readonly StreamShape<object> Objects = new(static item => ResultText.Of(item) ?? "", static (said, _) => said.Text);

    /// <summary>The stream with something done to it; null when its items are of no known type.</summary>
    public static object? Map(object stream, IStreamMap map) => ItemOf(stream) switch
    {
        var item when item == typeof(string) => map.Map((IAsyncEnumerable<string>)stream, Strings),
        var item when item == typeof(StreamingTextContent) => map.Map((IAsyncEnumerable<StreamingTextContent>)stream, Texts),
        var item when item == typeof(StreamingChatMessageContent) => map.Map((IAsyncEnumerable<StreamingChatMessageContent>)stream, Messages),
        var item when item == typeof(StreamingKernelContent) => map.Map((IAsyncEnumerable<StreamingKernelContent>)stream, Contents),
        var item when item == typeof(ChatResponseUpdate) => map.Map((IAsyncEnumerable<ChatResponseUpdate>)stream, Updates),
        var item when item == typeof(byte[]) => map.Map((IAsyncEnumerable<byte[]>)stream, Bytes),
        var item when item == typeof(object) => map.Map((IAsyncEnumerable<object>)stream, Objects),
        _ => null,
    };

    private static Type? ItemOf(object stream) => Array.Find(stream.GetType().GetInterfaces(), static type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))?.GenericTypeArguments[0];

    private static string TextOf(StreamingChatMessageContent item) => string.Concat(item.Items.OfType<StreamingTextContent>().Select(static text => text.Text));

    private static StreamingChatMessageContent Bared(StreamingChatMessageContent item)
    {
        var bare = new StreamingChatMessageContent(item.Role, null, choiceIndex: item.ChoiceIndex, modelId: item.ModelId, metadata: BareOf(item)) { AuthorName = item.AuthorName };
        foreach (var part in item.Items.Where(static part => part is StreamingTextContent or StreamingReasoningContent or StreamingFunctionCallUpdateContent))
        {
            bare.Items.Add(BarePart(part));
        }

        return bare;
    }

    private static StreamingKernelContent BarePart(StreamingKernelContent part)
    {
        switch (part)
        {
            case StreamingTextContent text:
                return Texts.Bare(text);
            case StreamingReasoningContent thought:
                return new StreamingReasoningContent(thought.Text) { ChoiceIndex = thought.ChoiceIndex, ModelId = thought.ModelId, Metadata = BareOf(thought) };
            default:
                (part.InnerContent, part.Metadata) = (null, BareOf(part));
                return part;
        }
    }

    private static Dictionary<string, object?>? BareOf(StreamingKernelContent item) => item.Metadata is { } metadata ? Metadata.Bare(metadata) : null;

    private static string ThoughtOf(StreamingChatMessageContent item) => string.Concat(item.Items.OfType<StreamingReasoningContent>().Select(static thought => thought.Text));

    private static StreamingChatMessageContent MessageOf(StreamText said, StreamingChatMessageContent? item)
    {
        var message = new StreamingChatMessageContent(item?.Role ?? AuthorRole.Assistant, said.Text, choiceIndex: said.Choice, modelId: item?.ModelId);
        foreach (var kept in item?.Items.Where(static content => content is not (StreamingTextContent or StreamingReasoningContent)) ?? [])
        {
            message.Items.Add(kept);
        }

        if (said.Thought.Length > 0)
        {
            message.Items.Add(new StreamingReasoningContent(said.Thought) { ChoiceIndex = said.Choice });
        }

        return message;
    }

    private static IEnumerable<AIContent> Spoken(StreamText said)
    {
        if (said.Thought.Length > 0)
        {
            yield return new TextReasoningContent(said.Thought);
        }

        yield return new Microsoft.Extensions.AI.TextContent(said.Text);
    }
}
