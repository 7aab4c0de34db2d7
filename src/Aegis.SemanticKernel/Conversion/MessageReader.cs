using Aegis.ExtensionsAI;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>Messages of a kernel in the words of Microsoft.Extensions.AI, which guards read.</summary>
internal static class MessageReader
{
    private const string ToolCallId = "ChatCompletionsToolCall.Id";   // where tool messages of an older form say what they answer

    /// <summary>A message of a history. What connectors would send and nobody can read here (raw objects, metadata) is marked, so that it stays behind.</summary>
    public static AI.ChatMessage Read(ChatMessageContent message, IDictionary<AI.AIContent, KernelContent> items)
    {
        var read = Read(message, items, static call => CallLink.Of(call).Call);
        if (message.InnerContent is not null || message.Metadata is { Count: > 0 } || message.GetType() != typeof(ChatMessageContent)
            || message.Items.Any(static item => item is FunctionResultContent { Result: not (null or string) }))
        {
            read.RawRepresentation = message;
        }

        return read;
    }

    /// <summary>A message as it is signed: calls as the app keeps them, and the signature that hangs on it.</summary>
    public static AI.ChatMessage ReadSigned(ChatMessageContent message)
    {
        var read = Read(message, new Dictionary<AI.AIContent, KernelContent>(ReferenceEqualityComparer.Instance), static call => new(call.Id ?? "", KernelTool.NameOf(call.PluginName, call.FunctionName), call.Arguments));
        if (message.Metadata?.TryGetValue(SignedMessages.Property, out var signature) == true)
        {
            read.AdditionalProperties = new() { [SignedMessages.Property] = signature };
        }

        return read;
    }

    private static AI.ChatMessage Read(ChatMessageContent message, IDictionary<AI.AIContent, KernelContent> items, Func<FunctionCallContent, AI.FunctionCallContent> callOf)
    {
        var read = new AI.ChatMessage(new AI.ChatRole(message.Role.Label), new List<AI.AIContent>()) { AuthorName = message.AuthorName };
        var isAnswer = read.Role == AI.ChatRole.Tool;
        if (isAnswer && message.Metadata?.TryGetValue(ToolCallId, out var id) == true && id?.ToString() is { } callId)
        {
            read.Contents.Add(new AI.FunctionResultContent(callId, ResultText.Readable(message.Content ?? "")));
            return read;
        }

        var results = message.Items.OfType<FunctionResultContent>().Select(static result => ResultText.Of(result.Result)).ToHashSet(StringComparer.Ordinal);
        foreach (var item in message.Items)
        {
            if (isAnswer && item is TextContent said && results.Contains(said.Text))
            {
                continue;   // connectors say a result twice
            }

            var content = Read(item, callOf);
            items[content] = item;
            read.Contents.Add(content);
        }

        return read;
    }

    private static AI.AIContent Read(KernelContent item, Func<FunctionCallContent, AI.FunctionCallContent> callOf) => item switch
    {
        TextContent text => new AI.TextContent(text.Text ?? ""),
        ReasoningContent thought => new AI.TextReasoningContent(thought.Text),
        FunctionCallContent call => callOf(call),
        FunctionResultContent result => new AI.FunctionResultContent(result.CallId ?? "", ResultText.Of(result.Result) is { } text ? ResultText.Readable(text) : new OpaqueContent(item)),
        BinaryContent { Uri: null, Data: { } data, MimeType: { } type } when type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) => new AI.DataContent(data, type),
        BinaryContent media => Media(media) ?? new OpaqueContent(item),
        _ => new OpaqueContent(item),
    };

    /// <summary>A picture, a recording or a file; null for one that says two things at once, of which nobody knows which a connector sends.</summary>
    private static AI.AIContent? Media(BinaryContent media)
    {
        try
        {
            return media switch
            {
                { Uri: null, Data: { IsEmpty: false } data, MimeType: { } type } => new AI.DataContent(data, type),
                { Uri: { } uri, CanRead: false } when (media.MimeType ?? (media is ImageContent ? "image/*" : media is AudioContent ? "audio/*" : null)) is { } type => new AI.UriContent(uri, type),
                _ => null,
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return null;
        }
    }
}
