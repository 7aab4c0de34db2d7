using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>The input of a Responses request: a text, or items of a conversation. One item is one message.</summary>
internal static class ResponsesInput
{
    public static IEnumerable<ChatMessage> Read(JsonElement body) => body.Member("input") switch
    {
        null => throw new FormatException("Missing required parameter: 'input'."),
        { ValueKind: JsonValueKind.String } text => [new(ChatRole.User, text.GetString())],
        { } items => items.EnumerateArray().Select(ReadItem),
    };

    private static ChatMessage ReadItem(JsonElement item) => (item.Optional("type") ?? "message") switch
    {
        "message" => new(ReadRole(item.Required("role")), WireContents.Read(item.Member("content"))),
        "function_call" => new(ChatRole.Assistant, [WireContents.ReadCall(item.Required("call_id"), item)]),
        "function_call_output" => new(ChatRole.Tool, [new FunctionResultContent(item.Required("call_id"), WireContents.ReadText(item.Member("output")))]),
        "reasoning" => new(ChatRole.Assistant, [new TextReasoningContent(string.Concat(item.Items("summary").Select(part => part.Required("text"))))]),
        var type => throw new FormatException($"Invalid value: '{type}'. Input items are 'message', 'function_call', 'function_call_output' and 'reasoning'."),
    };

    private static ChatRole ReadRole(string role) => role is "system" or "developer" or "user" or "assistant"
        ? new(role)
        : throw new FormatException($"Invalid value: '{role}'. Roles are 'system', 'developer', 'user' and 'assistant'.");
}
