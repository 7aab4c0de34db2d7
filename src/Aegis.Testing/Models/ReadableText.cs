using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>All texts a model can read in a content, with JSON escapes undone at any depth.</summary>
internal static class ReadableText
{
    public static IEnumerable<string> Of(AIContent content) => content switch
    {
        TextContent text => OfText(text.Text),
        DataContent data when data.HasTopLevelMediaType("text") => OfText(Encoding.UTF8.GetString(data.Data.Span)),
        FunctionResultContent result => OfResult(result.Result),
        _ => [],
    };

    private static IEnumerable<string> OfResult(object? result) => result switch
    {
        null => [],
        string text => OfText(text),
        JsonElement json => OfJson(json),
        AIContent content => Of(content),
        IEnumerable<AIContent> contents => contents.SelectMany(Of),
        _ => OfJson(JsonSerializer.SerializeToElement(result, AIJsonUtilities.DefaultOptions)),
    };

    // Over the wire a tool result is often JSON in a string, and that JSON may hold JSON in a string again.
    private static IEnumerable<string> OfText(string text) => TryParse(text) is { } json ? OfJson(json) : [text];

    private static IEnumerable<string> OfJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => OfText(json.GetString()!),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(OfJson),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => OfText(member.Name).Concat(OfJson(member.Value))),
        _ => [],
    };

    private static JsonElement? TryParse(string text)
    {
        if (text.AsSpan().TrimStart() is not (['{', ..] or ['[', ..] or ['"', ..]))
        {
            return null;
        }

        try
        {
            return JsonElement.Parse(text);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)   // half a pair of surrogates among them
        {
            return null;
        }
    }
}
