using System.Buffers;
using System.Text.Json;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Values with the text in them changed.</summary>
internal static class MarkedValue
{
    /// <summary>A tool's result, as it was read, as text that is marked: JSON becomes the text that an adapter would make of it. What is no text stays as it is.</summary>
    public static object? Mark(object? value, Func<string, string> mark) => value switch
    {
        null or "" => value,
        string text => mark(text),
        JsonElement { ValueKind: JsonValueKind.String } text => mark(text.GetString()!),
        JsonElement json => mark(json.GetRawText()),
        TextContent text => new TextContent(mark(text.Text)),
        FunctionResultContent result => new FunctionResultContent(result.CallId, Mark(result.Result, mark)) { Exception = result.Exception },
        AIContent content => Marks.Mark(content, isOthers: true, mark),
        IEnumerable<AIContent> contents => contents.Select(content => (AIContent)Mark(content, mark)!).ToList(),
        _ => mark(JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())).GetRawText()),
    };

    /// <summary>An argument with every text in it changed; the very same where nothing changes.</summary>
    public static object? Change(object? value, Func<string, string> change)
    {
        switch (value)
        {
            case string text:
                return change(text);
            case JsonElement { ValueKind: JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array } json:
                try
                {
                    return Changes(json, change) ? Rewrite(json, change) : value;
                }
                catch (Exception e) when (e is InvalidOperationException or ArgumentException)
                {
                    return value;   // half a surrogate pair: nobody can read these arguments, and they are refused
                }

            case null or ValueType:
                return value;
            default:   // lists and dictionaries of some providers, nodes, documents: changed as they are judged
                return ToolArguments.From([new("", value)]).Values().Select(static argument => (JsonElement)argument.Value!).FirstOrDefault() is { ValueKind: not JsonValueKind.Undefined } read && Changes(read, change) ? Rewrite(read, change) : value;
        }
    }

    private static bool Changes(JsonElement json, Func<string, string> change) => json.ValueKind switch
    {
        JsonValueKind.String => Differs(json.GetString()!, change),
        JsonValueKind.Array => json.EnumerateArray().Any(item => Changes(item, change)),
        JsonValueKind.Object => json.EnumerateObject().Any(property => Differs(property.Name, change) || Changes(property.Value, change)),
        _ => false,
    };

    private static bool Differs(string text, Func<string, string> change) => !string.Equals(text, change(text), StringComparison.Ordinal);

    private static JsonElement Rewrite(JsonElement json, Func<string, string> change)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, json, change);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement json, Func<string, string> change)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                writer.WriteStringValue(change(json.GetString()!));
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Write(writer, item, change);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in json.EnumerateObject())
                {
                    writer.WritePropertyName(change(property.Name));
                    Write(writer, property.Value, change);
                }

                writer.WriteEndObject();
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
