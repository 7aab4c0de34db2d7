using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Copies without the provider's raw objects: adapters prefer those to what was inspected.</summary>
internal static class Copies
{
    public static ChatMessage Of(ChatMessage message, IList<AIContent> contents, bool keepRaw)
    {
        var copy = message.Clone();
        copy.Contents = contents;
        copy.RawRepresentation = keepRaw ? message.RawRepresentation : null;
        return copy;
    }

    public static ChatResponseUpdate Of(ChatResponseUpdate update, IList<AIContent> contents, bool keepRaw)
    {
        var copy = update.Clone();
        copy.Contents = contents;
        copy.FinishReason = null;
        copy.RawRepresentation = keepRaw ? update.RawRepresentation : null;
        return copy;
    }

    public static TextContent Of(TextContent content, string text, bool keepRaw) => new(text)
    {
        Annotations = content.Annotations,
        AdditionalProperties = content.AdditionalProperties,
        RawRepresentation = keepRaw ? content.RawRepresentation : null,
    };

    public static TextReasoningContent Of(TextReasoningContent content, string text, bool keepRaw) => new(text)
    {
        ProtectedData = content.ProtectedData,
        Annotations = content.Annotations,
        AdditionalProperties = content.AdditionalProperties,
        RawRepresentation = keepRaw ? content.RawRepresentation : null,
    };

    public static FunctionResultContent Of(FunctionResultContent content, object? result) => new(content.CallId, result)
    {
        Exception = content.Exception,
        Annotations = content.Annotations,
        AdditionalProperties = content.AdditionalProperties,
    };

    public static FunctionCallContent Of(FunctionCallContent call)
    {
        var copy = new FunctionCallContent(call.CallId, call.Name, call.Arguments)
        {
            Exception = call.Exception,
            InformationalOnly = call.InformationalOnly,
            Annotations = call.Annotations,
            AdditionalProperties = call.AdditionalProperties,
        };
        if (CallRecord.Find(call) is { } record)
        {
            CallRecord.Share(copy, record);
        }

        return copy;
    }

    /// <summary>A content that this call of the model made, and that nobody else holds yet.</summary>
    public static AIContent WithoutRaw(AIContent content, bool keepRaw)
    {
        if (!keepRaw)
        {
            content.RawRepresentation = null;
        }

        return content;
    }
}
