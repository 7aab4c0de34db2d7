using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Integrity;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// Messages as they are signed: role, author, and every content with all that a model reads of it. Not who counted what it cost, nor what frameworks hang
/// on it (properties, citations, ids of messages, raw objects), which no model reads. Nor questions to people and their answers: the desk of approvals
/// knows what was asked, takes each answer once and leaves out the rest, and apps keep them or not.
/// </summary>
internal static class SignedMessages
{
    /// <summary>The property of a message where its signature stands.</summary>
    public const string Property = "aegis.signature";

    private static readonly string[] Unread = ["annotations", "additionalProperties"];

    private static JsonTypeInfo Any => AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object));

    /// <summary>A message as far as its signature goes.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isOwn">Whether this process has seen the model make a call in this session.</param>
    public static HistoryMessage Of(ChatMessage message, Func<FunctionCallContent, bool> isOwn)
    {
        using var writer = new CanonicalWriter();
        writer.Part("message").Text(message.Role.Value.ToLowerInvariant()).Text(string.IsNullOrEmpty(message.AuthorName) ? null : message.AuthorName);
        var parts = new HistoryPart[message.Contents.Count];
        var (isEmpty, isReadable) = (true, true);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = PartOf(message.Contents[i]);
            try
            {
                isEmpty &= !Write(writer, message.Contents[i]);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or JsonException)
            {
                (isEmpty, isReadable) = (false, false);   // a text that is none, a member that stands there twice, a number without bounds
            }
        }

        var speaker = message.Role == ChatRole.Assistant ? HistorySpeaker.Model : message.Role == ChatRole.Tool ? HistorySpeaker.Tool : message.Role == ChatRole.User ? HistorySpeaker.User : HistorySpeaker.Host;
        return new(speaker, isReadable ? writer.End().Sum() : default, parts)
        {
            IsEmpty = isEmpty && (speaker != HistorySpeaker.User || message.Contents.Any(static content => content is ToolApprovalResponseContent)),
            Signature = SignatureOf(message),
            IsOwn = parts.Length > 0 && message.Contents.All(content => content is FunctionCallContent call && isOwn(call)),
        };
    }

    /// <summary>The message without its signature.</summary>
    public static ChatMessage Bare(ChatMessage message)
    {
        if (message.AdditionalProperties?.ContainsKey(Property) != true)
        {
            return message;
        }

        var bare = message.Clone();
        bare.AdditionalProperties = new(message.AdditionalProperties.Where(static property => property.Key != Property).ToDictionary(static property => property.Key, static property => property.Value, StringComparer.OrdinalIgnoreCase));
        bare.AdditionalProperties = bare.AdditionalProperties.Count == 0 ? null : bare.AdditionalProperties;
        return bare;
    }

    /// <summary>Hangs a signature on a message.</summary>
    public static void Sign(ChatMessage message, string signature) =>
        message.AdditionalProperties = new(message.AdditionalProperties ?? []) { [Property] = signature };

    /// <summary>The properties of a response, with the signature of one of its messages.</summary>
    public static AdditionalPropertiesDictionary? With(AdditionalPropertiesDictionary? properties, ChatMessage message) =>
        message.AdditionalProperties?.TryGetValue(Property, out var signature) == true ? new(properties ?? []) { [Property] = signature } : properties;

    /// <summary>Still a text when the message was in JSON meanwhile.</summary>
    private static string? SignatureOf(ChatMessage message) => message.AdditionalProperties?.TryGetValue(Property, out var value) != true ? null : value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => TextOf(element),
        _ => "",
    };

    /// <summary>The text; empty: it has half of a pair in it and is none.</summary>
    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private static HistoryPart PartOf(AIContent content) => content switch
    {
        FunctionCallContent call => new(HistoryPartKind.Call, call.CallId),
        FunctionResultContent result => new(HistoryPartKind.Result, result.CallId),
        ToolApprovalRequestContent or ToolApprovalResponseContent or UsageContent => new(HistoryPartKind.Other),
        TextContent { Text.Length: 0 } or TextReasoningContent { Text.Length: 0, ProtectedData: null } => new(HistoryPartKind.Other),
        ToolCallContent or ToolResultContent or TextReasoningContent => new(HistoryPartKind.Thought),   // of the provider's own tools: both are the model's answer
        _ => new(HistoryPartKind.Words),
    };

    /// <summary>Whether anything was written.</summary>
    private static bool Write(CanonicalWriter writer, AIContent content)
    {
        switch (content)
        {
            case UsageContent or ToolApprovalRequestContent or ToolApprovalResponseContent or TextContent { Text.Length: 0 } or TextReasoningContent { Text.Length: 0, ProtectedData: null }:
                return false;
            case TextContent text:
                writer.Part("text").Text(text.Text);
                break;
            case TextReasoningContent thought:
                writer.Part("reasoning").Text(thought.Text).Text(thought.ProtectedData);
                break;
            case FunctionCallContent call:
                writer.Part("call").Text(call.CallId).Text(call.Name);
                Value(writer, call.Arguments ?? new Dictionary<string, object?>());
                break;
            case FunctionResultContent result:
                writer.Part("result").Text(result.CallId);
                Value(writer, result.Result);
                break;
            case DataContent data:
                writer.Part("data").Text(data.MediaType).Text(data.Name).Bytes(data.Data.Span);
                break;
            case UriContent uri:
                writer.Part("uri").Text(uri.MediaType).Text(uri.Uri.OriginalString);
                break;
            default:
                writer.Part("other");
                if (Json(content, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent))) is { } json)
                {
                    writer.Json(json, Unread);
                }
                else
                {
                    writer.Part("unknown").Text(content.GetType().Name);
                }

                break;
        }

        return true;
    }

    private static void Value(CanonicalWriter writer, object? value)
    {
        if (value is null)
        {
            writer.Text(null);
        }
        else if ((value is JsonElement element ? element : Json(value, Any)) is { } json)
        {
            writer.Json(json);
        }
        else
        {
            writer.Part("unknown").Text(value.GetType().Name);
        }
    }

    /// <summary>The value in JSON; null: it has no form there, so that no guard can read it, and it does not go on to the model.</summary>
    private static JsonElement? Json(object value, JsonTypeInfo type)
    {
        try
        {
            return JsonSerializer.SerializeToElement(value, type);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
