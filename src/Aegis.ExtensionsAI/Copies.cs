using System.Text.Json;
using Aegis.Media;
using Aegis.Tools;
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
        Annotations = keepRaw ? content.Annotations : WithoutRaw(content.Annotations),
        AdditionalProperties = content.AdditionalProperties,
        RawRepresentation = keepRaw ? content.RawRepresentation : null,
    };

    public static TextReasoningContent Of(TextReasoningContent content, string text, bool keepRaw) => new(text)
    {
        ProtectedData = content.ProtectedData,
        Annotations = keepRaw ? content.Annotations : WithoutRaw(content.Annotations),
        AdditionalProperties = content.AdditionalProperties,
        RawRepresentation = keepRaw ? content.RawRepresentation : null,
    };

    /// <summary>Media with the bytes and the type that were read, and nothing that nobody has read.</summary>
    public static DataContent Of(AIContent media, MediaReading reading) =>
        media is DataContent data ? new(data.Data, reading.MediaType) { Name = data.Name } : new(reading.Data, reading.MediaType);

    /// <summary>Contents with text that was cut in two while it was read in one piece again: some frameworks read the first piece only.</summary>
    public static List<AIContent> Joined(IEnumerable<AIContent> contents)
    {
        var joined = new List<AIContent>();
        foreach (var content in contents)
        {
            if (content is TextContent { Annotations: null, AdditionalProperties: null, RawRepresentation: null } text && joined.Count > 0 && joined[^1] is TextContent { RawRepresentation: null } said)
            {
                said.Text += text.Text;
                continue;
            }

            joined.Add(content);
        }

        return joined;
    }

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

    /// <summary>A call of the model with the arguments that a person gave it. Where others hold its dictionary, they are to see it too.</summary>
    public static void Edit(FunctionCallContent call, ToolArguments arguments)
    {
        call.RawRepresentation = null;
        if (call.Arguments is null or Dictionary<string, object?>)
        {
            call.Arguments = new Dictionary<string, object?>(arguments.Values(), StringComparer.Ordinal);
            return;
        }

        Edit(call.Arguments, arguments.Values());
    }

    /// <summary>Other arguments in the place of those that stand there.</summary>
    public static void Edit(IDictionary<string, object?> written, IEnumerable<KeyValuePair<string, object?>> arguments)
    {
        written.Clear();
        foreach (var (name, value) in arguments)
        {
            written[name] = value;
        }
    }

    /// <summary>The same but for values that are others now: a loop shares its dictionary with the call that the transcript shows.</summary>
    public static AIFunctionArguments With(AIFunctionArguments arguments, ToolArguments values) =>
        new(With((IReadOnlyDictionary<string, object?>)arguments.ToDictionary(StringComparer.Ordinal), values)) { Services = arguments.Services, Context = arguments.Context };

    /// <summary>Arguments as they stand where they say the same, and else their new values; what was a text stays one.</summary>
    public static Dictionary<string, object?> With(IReadOnlyDictionary<string, object?> written, ToolArguments values)
    {
        var with = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in values.Values())
        {
            with[name] = !written.TryGetValue(name, out var own) ? value
                : ToolArguments.From([KeyValuePair.Create(name, own)]).Is(ToolArguments.From([KeyValuePair.Create(name, value)])) ? own
                : own is string && value is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString()
                : value;
        }

        return with;
    }

    /// <summary>A call with other arguments, as somebody else may see it.</summary>
    public static FunctionCallContent Of(FunctionCallContent call, ToolArguments arguments)
    {
        var copy = Of(call);
        copy.Arguments = new Dictionary<string, object?>(arguments.Values(), StringComparer.Ordinal);
        return copy;
    }

    public static ToolApprovalResponseContent Of(ToolApprovalResponseContent answer, string? reason) =>
        new(answer.RequestId, answer.Approved, BareCall(answer.ToolCall)) { Reason = reason };

    /// <summary>A question or an answer without raw objects, its call included.</summary>
    public static AIContent Bare(AIContent content) => content switch
    {
        ToolApprovalRequestContent question when HasRaw(question, question.ToolCall) => new ToolApprovalRequestContent(question.RequestId, BareCall(question.ToolCall)),
        ToolApprovalResponseContent answer when HasRaw(answer, answer.ToolCall) => Of(answer, answer.Reason),
        _ => content,
    };

    /// <summary>A content that this call of the model made, and that nobody else holds yet.</summary>
    public static AIContent WithoutRaw(AIContent content, bool keepRaw)
    {
        if (keepRaw)
        {
            return content;
        }

        content.RawRepresentation = null;
        foreach (var annotation in content.Annotations ?? [])
        {
            annotation.RawRepresentation = null;
        }

        var parts = content switch
        {
            McpServerToolResultContent mcp => mcp.Outputs,
            CodeInterpreterToolCallContent code => code.Inputs,
            CodeInterpreterToolResultContent code => code.Outputs,
            WebSearchToolResultContent search => search.Outputs,
            ImageGenerationToolResultContent image => image.Outputs,
            ToolApprovalRequestContent question => [question.ToolCall],
            _ => null,
        };
        foreach (var part in parts ?? [])
        {
            WithoutRaw(part, keepRaw);
        }

        return content;
    }

    /// <summary>Whether a content, or a note on it, brings a raw object along.</summary>
    public static bool HasRaw(AIContent content) => content.RawRepresentation is not null || content.Annotations?.Any(static note => note.RawRepresentation is not null) == true;

    private static List<AIAnnotation>? WithoutRaw(IList<AIAnnotation>? notes) => notes is null ? null : [.. notes.Where(static note => note.RawRepresentation is null)];

    private static bool HasRaw(AIContent content, ToolCallContent call) => content.RawRepresentation is not null || call.RawRepresentation is not null;

    private static ToolCallContent BareCall(ToolCallContent call) => call is FunctionCallContent function ? Of(function) : Hosted.CopyOf(call) as ToolCallContent ?? new ToolCallContent(call.CallId);
}
