using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>Contents and calls, which both protocols write alike.</summary>
internal static class WireContents
{
    public static List<AIContent> Read(JsonElement? content) => content switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } text => [new TextContent(text.GetString())],
        { } parts => [.. parts.EnumerateArray().Select(ReadPart)],
    };

    public static string ReadText(JsonElement? content) => string.Concat(Read(content).OfType<TextContent>().Select(text => text.Text));

    public static FunctionCallContent ReadCall(string callId, JsonElement function) =>
        FunctionCallContent.CreateFromParsedArguments(
            function.Required("arguments"),
            callId,
            function.Required("name"),
            json => JsonElement.Parse(json).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value, StringComparer.Ordinal));

    public static NotSupportedException Unsayable(AIContent content) => new($"{content.GetType().Name} cannot be said over this protocol.");

    private static AIContent ReadPart(JsonElement part) => part.Required("type") switch
    {
        "text" or "input_text" or "output_text" => new TextContent(part.Required("text")),
        "refusal" => new TextContent(part.Required("refusal")),
        "image_url" => ReadImage(part.GetProperty("image_url").Required("url")),
        "input_image" => ReadImage(part.Required("image_url")),
        var type => throw new FormatException($"Invalid value: '{type}'. Content parts may be text and images."),
    };

    private static AIContent ReadImage(string url) =>
        url.StartsWith("data:", StringComparison.Ordinal) ? new DataContent(url) : new UriContent(url, "image/*");
}
