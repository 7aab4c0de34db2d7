using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>What a model reads of a function's result: what connectors make of it.</summary>
internal static class ResultText
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text, or null when it cannot be read.</summary>
    public static string? Of(object? result)
    {
        try
        {
            return result switch
            {
                null => "",
                string text => text,
                Exception error => $"Error: Exception while invoking function. {error.Message}",
                ImageContent or AudioContent or BinaryContent or Stream => null,
                AI.AIContent content and not AI.TextContent => null,
                IEnumerable<AI.AIContent> contents when contents.Any(static content => content is not AI.TextContent) => null,
                TextContent text => text.Text ?? "",
                ChatMessageContent message => OnlyText(message) ? message.ToString() : null,
                IEnumerable<ChatMessageContent> messages => messages.All(OnlyText) ? string.Join(',', messages) : null,
                JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
                JsonElement element => element.GetRawText(),
                _ => JsonSerializer.Serialize(result, Options),
            };
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or ArgumentException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>The result as a guard reads it: JSON decoded, so that an escape hides nothing.</summary>
    public static object Readable(object? result)
    {
        if (Of(result) is not { } text)
        {
            return new OpaqueContent(result!);
        }

        var start = text.AsSpan().TrimStart();
        if (start.Length == 0 || start[0] is not ('{' or '['))
        {
            return text;
        }

        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>Whether it is made as it is read, so that the next reader may get something else.</summary>
    public static bool IsLazy(object? result) =>
        result is Stream || (result is System.Collections.IEnumerable and not (string or System.Collections.ICollection) && !Array.Exists(result.GetType().GetInterfaces(), static type =>
            type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ICollection<>) || type.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>))));

    private static bool OnlyText(ChatMessageContent message) => message.Items.All(static item => item is TextContent or FunctionCallContent or FunctionResultContent);
}
