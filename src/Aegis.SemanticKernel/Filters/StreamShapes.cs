using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>The streams that a caller of a kernel can ask for. Their types are covariant, so that the type of the items must be met exactly.</summary>
internal static class StreamShapes
{
    private static readonly StreamShape<string> Strings = new(static item => item, static (text, _) => text);

    private static readonly StreamShape<StreamingTextContent> Texts = new(static item => item.Text ?? "", static (text, _) => new(text));

    private static readonly StreamShape<StreamingChatMessageContent> Messages = new(TextOf, MessageOf);

    private static readonly StreamShape<StreamingKernelContent> Contents = new(
        static item => item is StreamingChatMessageContent message ? TextOf(message) : item.ToString(),
        static (text, item) => item is StreamingTextContent ? new StreamingTextContent(text) : MessageOf(text, item as StreamingChatMessageContent));

    private static readonly StreamShape<ChatResponseUpdate> Updates = new(
        static item => item.Text,
        static (text, item) => new(item?.Role ?? ChatRole.Assistant, [new Microsoft.Extensions.AI.TextContent(text), .. item?.Contents.Where(static content => content is not Microsoft.Extensions.AI.TextContent) ?? []]) { MessageId = item?.MessageId });

    private static readonly StreamShape<byte[]> Bytes = new(static item => Encoding.UTF8.GetString(item), static (text, _) => Encoding.UTF8.GetBytes(text));

    private static readonly StreamShape<object> Objects = new(static item => ResultText.Of(item) ?? "", static (text, _) => text);

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

    private static StreamingChatMessageContent MessageOf(string text, StreamingChatMessageContent? item)
    {
        var message = new StreamingChatMessageContent(item?.Role ?? AuthorRole.Assistant, text, choiceIndex: item?.ChoiceIndex ?? 0, modelId: item?.ModelId);
        foreach (var kept in item?.Items.Where(static content => content is not StreamingTextContent) ?? [])
        {
            message.Items.Add(kept);
        }

        return message;
    }
}
